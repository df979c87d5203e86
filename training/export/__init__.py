"""A version as one ONNX file: pixels in, probabilities out, everything between in the graph."""
