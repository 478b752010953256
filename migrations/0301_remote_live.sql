-- What another server says of a live broadcast of its own. starts: when it is to begin, in milliseconds.
CREATE TABLE live_broadcast (
    video_id BIGINT PRIMARY KEY REFERENCES video(id) ON DELETE CASCADE,
    save_replay BOOLEAN NOT NULL,
    permanent BOOLEAN NOT NULL,
    latency_mode BIGINT NOT NULL,
    dvr_window_s BIGINT,
    starts {json} NOT NULL
);
