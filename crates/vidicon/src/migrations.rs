//! Every step of the schema, in order. Names with a database's name in them are for that one only.

use base::migrate::Migration;

pub const ALL: &[Migration] = &[
    step(1, "job", include_str!("../../../migrations/0001_job.sql")),
    step(
        2,
        "account",
        include_str!("../../../migrations/0002_account.sql"),
    ),
    step(
        3,
        "channel",
        include_str!("../../../migrations/0003_channel.sql"),
    ),
    step(
        4,
        "video",
        include_str!("../../../migrations/0004_video.sql"),
    ),
    step(
        10,
        "comment",
        include_str!("../../../migrations/0010_comment.sql"),
    ),
    step(
        11,
        "playlist",
        include_str!("../../../migrations/0011_playlist.sql"),
    ),
    step(
        12,
        "notification",
        include_str!("../../../migrations/0012_notification.sql"),
    ),
    step(
        13,
        "moderation",
        include_str!("../../../migrations/0013_moderation.sql"),
    ),
    step(
        20,
        "certificate",
        include_str!("../../../migrations/0020_certificate.sql"),
    ),
    step(
        21,
        "user",
        include_str!("../../../migrations/0021_user.sql"),
    ),
    step(
        30,
        "federation",
        include_str!("../../../migrations/0030_federation.sql"),
    ),
    step(
        31,
        "federation_comment",
        include_str!("../../../migrations/0031_federation_comment.sql"),
    ),
    step(
        40,
        "audit",
        include_str!("../../../migrations/0040_audit.sql"),
    ),
    step(
        41,
        "view_agent",
        include_str!("../../../migrations/0041_view_agent.sql"),
    ),
    step(
        5,
        "search.sqlite",
        include_str!("../../../migrations/0005_search.sqlite.sql"),
    ),
    step(
        5,
        "search.postgres",
        include_str!("../../../migrations/0005_search.postgres.sql"),
    ),
    step(
        6,
        "vocabulary",
        include_str!("../../../migrations/0006_vocabulary.sql"),
    ),
];

const fn step(version: i64, name: &'static str, text: &'static str) -> Migration {
    Migration {
        version,
        name,
        text,
    }
}
