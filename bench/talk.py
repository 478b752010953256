"""How long threads, lists of notifications and subscriptions are answered, and how that grows to ten times the size."""

import os
import sqlite3
import subprocess

from load import load

THREADS = (1_000, 10_000)
NOTIFICATIONS = (10_000, 100_000)
SUBSCRIPTIONS = (200, 2_000)
# as many as invent more than 2,000 channels
VIDEOS = 40_000
AT_ONCE = 500


def insert(into, columns, rows):
    """Plain SQL that both databases understand."""
    for start in range(0, len(rows), AT_ONCE):
        values = ",".join("(" + ",".join(map(str, row)) + ")" for row in rows[start : start + AT_ONCE])
        yield f"INSERT INTO {into} ({columns}) VALUES {values};"


def run(data, database, statements):
    if database:
        command = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", database]
        subprocess.run(command, input="BEGIN;" + "\n".join(statements) + "COMMIT; ANALYZE;", text=True, check=True)
        return
    connection = sqlite3.connect(data / "vidicon.db")
    connection.executescript("BEGIN;" + "\n".join(statements) + "COMMIT; ANALYZE;")
    connection.close()


def thread(video, account, first, size):
    """One thread: half of it answers the first comment, each other comment one of the newest before it."""
    columns = "id, video_id, account_id, thread_id, parent_id, text, reply_count, created_at, updated_at"
    rows = [(first, video, account, "NULL", "NULL", "'How it began'", size - 1, 1_700_000_000_000, 0)]
    for n in range(1, size):
        parent = first if n % 2 else first + max(1, n - 7)
        rows.append((first + n, video, account, first, parent, f"'Comment {n}'", 0, 1_700_000_000_000 + n, 0))
    yield from insert("comment", columns, rows)
    yield f"UPDATE video SET comment_count = comment_count + {size} WHERE id = {video};"


def notifications(user, video, size):
    columns = "user_id, kind, read, video_id, payload, created_at, updated_at"
    rows = [
        (user, (6, 19, 5)[n % 3], "FALSE" if n % 2 else "TRUE", video, "'{}'", 1_700_000_000_000 + n, 0) for n in range(size)
    ]
    yield from insert("notification", columns, rows)
    yield (
        f"INSERT INTO notification_count (user_id, total, unread) VALUES ({user}, {size}, {size // 2})"
        f" ON CONFLICT (user_id) DO UPDATE SET total = {size}, unread = {size // 2};"
    )


def subscriptions(actor, size):
    """The actor follows as many channels, those with the fewest videos among them."""
    yield (
        "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)"
        f" SELECT {actor}, c.actor_id, 'accepted', 1700000000000, 1700000000000 FROM channel c"
        f" WHERE c.actor_id NOT IN (SELECT actor_id FROM follow WHERE follower_actor_id = {actor})"
        f" ORDER BY c.id LIMIT {size};"
    )


def talk(table, options, seed, server, new_database):
    databases = [("SQLite", None)]
    if os.environ.get("TEST_POSTGRES_URL"):
        databases.append(("PostgreSQL", os.environ["TEST_POSTGRES_URL"]))
    for name, url in databases:
        table.title(f"Talk, {name}, one connection: {THREADS[0]:,} -> {THREADS[1]:,} comments, "
                    f"{NOTIFICATIONS[0]:,} -> {NOTIFICATIONS[1]:,} notifications, "
                    f"{SUBSCRIPTIONS[0]:,} -> {SUBSCRIPTIONS[1]:,} subscriptions")
        figures = [measure(options, seed, server, name, url and new_database(url, f"talk_{at}"), at) for at in (0, 1)]
        for what, few in figures[0].items():
            many = figures[1][what]
            ratio = many.p99_ms / few.p99_ms
            table.add(f"{what}: p99", f"{few.p99_ms:.2f} -> {many.p99_ms:.2f} ms")
            table.add(f"{what}: times as slow", f"{ratio:.2f}", "<= 2", ratio <= 2 and not many.errors)


def measure(options, seed, server, name, database, at):
    data = options.folder / f"talk-{name}-{at}"
    seed(data, VIDEOS, database)
    one = server(data, database).start()
    try:
        one.log_in()
        me = one.api("GET", "/users/me").json()
        video = one.api("GET", "/videos?count=1").json()["data"][0]
        one.stop()
        rows = list(thread(video["id"], me["account"]["id"], 1_000_000, THREADS[at]))
        rows += notifications(me["id"], video["id"], NOTIFICATIONS[at])
        actor = f"(SELECT actor_id FROM account WHERE id = {me['account']['id']})"
        run(data, database, rows + list(subscriptions(actor, SUBSCRIPTIONS[at])))
        one.start()
        one.log_in()
        headers = {"Authorization": f"Bearer {one.token}"}
        threads = f"/api/v1/videos/{video['uuid']}/comment-threads"
        replies = f"/api/v1/videos/{video['uuid']}/comments/1000000/replies"
        mine = "/api/v1/users/me/notifications"
        groups = {
            "threads of the video": [f"{threads}?count=15&sort={sort}" for sort in ("-createdAt", "-totalReplies")],
            "the thread": [f"{threads}/1000000"],
            "its replies, page by page": [f"{replies}?count=15&start={start}" for start in range(0, 450, 15)],
            "notifications": [f"{mine}?count=15&start={start}" for start in range(0, 300, 15)],
            "videos of the subscriptions": [
                f"/api/v1/users/me/subscriptions/videos?count=15&sort=-publishedAt&start={start}" for start in range(0, 150, 15)
            ],
            "subscriptions": [f"/api/v1/users/me/subscriptions?count=15&start={start}" for start in range(0, 150, 15)],
            "unread notifications": [f"{mine}?count=15&unread=true", f"{mine}?count=0&unread=true"],
        }
        found = {}
        for what, paths in groups.items():
            load(one, paths, 1, 1, headers=headers)
            found[what] = load(one, paths, options.seconds, 1, headers=headers)
        return found
    finally:
        one.stop()
