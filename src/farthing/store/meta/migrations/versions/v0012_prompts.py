"""Prompts, media, score configs, annotation queues, comments, and models with prices by name."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _prompts()
    _media()
    _annotation()
    _said()


def _prompts() -> None:
    op.create_table(
        "prompts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_prompts"),
        sa.UniqueConstraint("project_id", "name", name="uq_prompts_project_id"),
        _of_project("prompts"),
    )
    op.create_table(
        "prompt_versions",
        sa.Column("prompt_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", "number", name="pk_prompt_versions"),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name="fk_prompt_versions_prompt_id"),
    )
    op.create_table(
        "prompt_labels",
        sa.Column("prompt_id", sa.String(64), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", "label", name="pk_prompt_labels"),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name="fk_prompt_labels_prompt_id"),
    )


def _media() -> None:
    op.create_table(
        "media",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content_type", sa.String(200), nullable=False),
        sa.Column("content_length", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("uploaded_at", _MOMENT),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_media"),
        _of_project("media"),
    )


def _annotation() -> None:
    op.create_table(
        "score_configs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_score_configs"),
        _of_project("score_configs"),
    )
    op.create_index("ix_score_configs_project_id", "score_configs", ["project_id"])
    op.create_table(
        "annotation_queues",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_queues"),
        sa.UniqueConstraint("project_id", "name", name="uq_annotation_queues_project_id"),
        _of_project("annotation_queues"),
    )
    op.create_table(
        "annotation_items",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("queue_id", sa.String(64), nullable=False),
        sa.Column("object_type", sa.String(16), nullable=False),
        sa.Column("object_id", sa.String(500), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        *_times(),
        sa.Column("completed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_items"),
        sa.ForeignKeyConstraint(["queue_id"], ["annotation_queues.id"], name="fk_annotation_items_queue_id"),
    )
    op.create_index("ix_annotation_items_queue_id", "annotation_items", ["queue_id", "created_at"])
    op.create_table(
        "annotation_assignments",
        sa.Column("queue_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "user_id", name="pk_annotation_assignments"),
        sa.ForeignKeyConstraint(["queue_id"], ["annotation_queues.id"], name="fk_annotation_assignments_queue_id"),
    )


def _said() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("object_type", sa.String(16), nullable=False),
        sa.Column("object_id", sa.String(500), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("author_user_id", sa.String(200)),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        _of_project("comments"),
    )
    op.create_index("ix_comments_object", "comments", ["project_id", "object_type", "object_id"])
    op.create_table(
        "model_definitions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_model_definitions"),
        _of_project("model_definitions"),
    )
    op.create_index("ix_model_definitions_project_id", "model_definitions", ["project_id"])


def _times() -> list[sa.Column[object]]:
    return [sa.Column("created_at", _MOMENT, nullable=False), sa.Column("updated_at", _MOMENT, nullable=False)]


def _of_project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=f"fk_{table}_project_id")
