/** Lines over numbers, drawn by uPlot in the page’s own colours. What a chart shows also stands in a
 * table or in text: a canvas says nothing to a screen reader. */
import UPlot from "uplot";

const HEIGHT = 200;

/**
 * @typedef {{label: string, values: (number | null)[], colour?: string, isStepped?: boolean, isDashed?: boolean, hasPoints?: boolean, isScattered?: boolean}} Line
 * @param {HTMLElement} element
 * @param {{x: number[], xLabel?: string, isWhole?: boolean, range?: [number | null, number | null], xRange?: [number, number],
 *   series: Line[], band?: {low: (number | null)[], high: (number | null)[]}, height?: number,
 *   marks?: () => {x: number, y: number}[]}} what
 */
export function chart(element, { x, xLabel = "", isWhole = false, range = [null, null], xRange, series, band, height = HEIGHT, marks }) {
  const colour = colours(element);
  const lines = series.map((line) => ({
    label: line.label,
    stroke: line.colour ?? colour.primary,
    width: 2,
    dash: line.isDashed ? [4, 4] : undefined,
    spanGaps: true,
    paths: line.isScattered ? () => null : line.isStepped ? UPlot.paths.stepped({ align: -1 }) : undefined,
    points: { show: line.hasPoints ?? x.length < 40, size: 7, fill: line.colour ?? colour.primary },
  }));
  const edges = band ? ["low", "high"].map((label) => ({ label, stroke: "transparent", points: { show: false }, spanGaps: true })) : [];
  const count = lines.length;
  const plot = new UPlot({
    width: element.clientWidth || 300,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: {
      x: { time: false, range: xRange ?? ((_, low, high) => (low === high ? [low - 1, high + 1] : [low, high])) },
      y: { range: (_, low, high) => [range[0] ?? low ?? 0, range[1] ?? Math.max(1, (high ?? 1) * 1.08)] },
    },
    axes: [axis(colour, { label: xLabel, isWhole }), axis(colour, { isWhole: true })],
    series: [{}, ...lines, ...edges],
    bands: band ? [{ series: [count + 2, count + 1], fill: colour.band }] : undefined,
    hooks: { draw: [(self) => drawMarks(self, marks?.() ?? [], colour)] },
  }, [x, ...series.map((line) => line.values), ...(band ? [band.low, band.high] : [])], element);
  const observer = new ResizeObserver(() => {
    if (element.clientWidth && element.clientWidth !== plot.width) plot.setSize({ width: element.clientWidth, height });
  });
  observer.observe(element);
  return {
    redraw: () => plot.redraw(false),
    destroy() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

function axis(colour, { label = "", isWhole }) {
  return {
    stroke: colour.ink,
    grid: { stroke: colour.line, width: 1 },
    ticks: { show: false },
    font: "12px Inter Variable, sans-serif",
    label: label || undefined,
    labelFont: "12px Inter Variable, sans-serif",
    labelSize: 18,
    size: label ? 30 : 44,
    incrs: isWhole ? [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000, 10000, 100000] : undefined,
  };
}

function drawMarks(plot, marks, colour) {
  const { ctx } = plot;
  ctx.save();
  for (const { x, y } of marks) {
    ctx.beginPath();
    ctx.arc(plot.valToPos(x, "x", true), plot.valToPos(y, "y", true), 6 * devicePixelRatio, 0, 7);
    ctx.fillStyle = colour.paper;
    ctx.fill();
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.strokeStyle = colour.text;
    ctx.stroke();
  }
  ctx.restore();
}

function colours(element) {
  const style = getComputedStyle(element);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    primary: of("--primary"), ink: of("--ink-2"), text: of("--ink"), line: of("--line"), paper: of("--paper"),
    band: `color-mix(in srgb, ${of("--primary")} 18%, transparent)`,
  };
}
