"""fastai's ``fine_tune`` on the same weights: what an engineer would reach for first."""

from typing import Any

import numpy as np
from PIL import Image

from training.backbones import Branch, get_spec
from training.benchmark.methods import Outcome, Task
from training.images import decode
from training.networks import build_network

_EPOCHS = 10
# fastai's default of 64 would leave a single step per epoch among few pictures.
_FEWEST, _MOST = 8, 64


def fine_tune(task: Task) -> Outcome:
    """Fine-tune the first network with fastai's defaults for ten epochs after one on the head.

    Transforms, learning rates, freezing and head are ``vision_learner``'s; weights and
    normalisation are those that Pupil uses.

    Raises:
        ValueError: pictures show several classes; this peer is for one.
    """
    if not task.exclusive:
        raise ValueError("fine_tune is measured on one class per picture")
    from fastai.vision import all as fastai

    branch = get_spec(task.backbone).branches[0]
    fastai.set_seed(0, reproducible=True)
    loaders = _loaders(fastai, task, branch)
    network: Any = build_network(branch).model.requires_grad_(True)
    network.reset_classifier(0, "")
    head = fastai.create_head(branch.features, task.labels.shape[1])
    fastai.apply_init(head, fastai.nn.init.kaiming_normal_)
    learner = fastai.Learner(
        loaders,
        fastai.nn.Sequential(network, head),
        loss_func=fastai.CrossEntropyLossFlat(),
        splitter=fastai.default_split,
    )
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(_EPOCHS)
        tests = loaders.test_dl([_picture(path, branch, fastai) for path in task.test_paths])
        probabilities, _ = learner.get_preds(dl=tests)
    return Outcome(probabilities.numpy().astype(np.float32), True)


def _loaders(fastai: Any, task: Task, branch: Branch) -> Any:
    classes = task.labels.argmax(axis=1)
    items = [
        (_picture(path, branch, fastai), int(c))
        for path, c in zip(task.paths, classes, strict=True)
    ]
    sources = fastai.Datasets(
        items,
        [[fastai.ItemGetter(0)], [fastai.ItemGetter(1), fastai.Categorize()]],
        splits=[list(range(len(items))), []],
    )
    return sources.dataloaders(
        bs=int(np.clip(len(items) // 4, _FEWEST, _MOST)),
        after_item=[fastai.Resize(branch.size), fastai.ToTensor()],
        after_batch=[
            fastai.IntToFloatTensor(),
            *fastai.aug_transforms(),
            fastai.Normalize.from_stats(branch.mean, branch.std),
        ],
        num_workers=0,
    )


def _picture(path: Any, branch: Branch, fastai: Any) -> Any:
    with path.open("rb") as file:
        image: Image.Image = decode(file, min_side=2 * branch.size)
    return fastai.PILImage(image)
