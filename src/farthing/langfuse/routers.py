"""The parts of the house in; every group of routes of Langfuse's public API out."""

from fastapi import APIRouter

from farthing.langfuse import (
    annotation,
    comments,
    dataset_items,
    datasets,
    experiments,
    ingestion,
    media,
    metrics,
    models,
    observations,
    project,
    prompts,
    runs,
    score_configs,
    scores,
    traces,
    unsupported,
)
from farthing.langfuse.parts import Parts
from farthing.langfuse.scores import Scores


def routers(parts: Parts) -> list[APIRouter]:
    """All groups, in the order they are tried. What takes any path goes last."""
    kept = Scores(parts)
    return [
        project.router(parts),
        ingestion.router(parts, kept),
        scores.router(parts, kept),
        traces.router(parts),
        observations.router(parts),
        metrics.router(parts),
        datasets.router(parts),
        dataset_items.router(parts),
        runs.router(parts),
        experiments.router(parts),
        prompts.router(parts),
        score_configs.router(parts),
        annotation.router(parts),
        comments.router(parts),
        media.router(parts),
        models.router(parts),
        unsupported.router(parts),
    ]
