//! The routes of videos and channels.

use super::Routes;
use crate::access::Access::{Optional, Public, Right as Need, User};
use crate::account::Right;
use crate::channel::api::{self as channel, collaborator, picture};
use crate::federation::search_api as search;
use crate::search::said_api as said;
use crate::video::api::{
    self as video, block, caption, extra, live, overview, quality, reaction, stats, watch,
};
use crate::video::stats::{Agents, Overall, Retention, Series};

const VIDEO: &str = "/api/v1/videos/{id}";
const BLOCK: &str = "/api/v1/videos/{id}/blacklist";
const CHANNEL: &str = "/api/v1/video-channels/{handle}";
const MODERATE: crate::access::Access = Need(Right::ManageVideoBlacklist);

pub fn routes(routes: Routes) -> Routes {
    statistics(kept(attached(watching(helpers(channels(videos(routes)))))))
}

fn videos(routes: Routes) -> Routes {
    routes
        .get("/api/v1/videos", Optional, "getVideos", video::list)
        .get(
            "/api/v1/videos/categories",
            Public,
            "getCategories",
            video::categories,
        )
        .get(
            "/api/v1/videos/licences",
            Public,
            "getLicences",
            video::licences,
        )
        .get(
            "/api/v1/videos/languages",
            Public,
            "getLanguages",
            video::languages,
        )
        .get(
            "/api/v1/videos/privacies",
            Public,
            "getPrivacies",
            video::privacies,
        )
        .get(
            "/api/v1/videos/blacklist",
            MODERATE,
            "getVideoBlocks",
            block::list,
        )
        .get(VIDEO, Optional, "getVideo", video::show)
        .put(VIDEO, User, "putVideo", video::update)
        .delete(VIDEO, User, "delVideo", video::delete)
        .get(
            "/api/v1/videos/{id}/description",
            Optional,
            "getVideoDesc",
            video::description,
        )
        .get("/api/v1/users/me/videos", User, "", video::mine)
        .get(
            "/api/v1/accounts/{name}/videos",
            Optional,
            "getAccountVideos",
            video::of_account,
        )
        .get(
            "/api/v1/search/videos",
            Optional,
            "searchVideos",
            search::videos,
        )
        .get("/api/v1/search/captions", Optional, "", said::videos)
        .answers::<said::Found>()
        .get(
            "/api/v1/search/video-channels",
            Optional,
            "searchChannels",
            search::channels,
        )
        .get("/api/v1/overviews/videos", Optional, "", overview::show)
        .post(BLOCK, MODERATE, "addVideoBlock", block::add)
        .put(BLOCK, MODERATE, "updateVideoBlock", block::update)
        .delete(BLOCK, MODERATE, "delVideoBlock", block::remove)
}

fn channels(routes: Routes) -> Routes {
    routes
        .get(
            "/api/v1/video-channels",
            Public,
            "getVideoChannels",
            channel::list,
        )
        .post(
            "/api/v1/video-channels",
            User,
            "addVideoChannel",
            channel::create,
        )
        .get(CHANNEL, Public, "getVideoChannel", channel::show)
        .put(CHANNEL, User, "putVideoChannel", channel::update)
        .delete(CHANNEL, User, "delVideoChannel", video::delete_channel)
        .get(
            "/api/v1/video-channels/{handle}/videos",
            Optional,
            "getVideoChannelVideos",
            video::of_channel,
        )
        .get(
            "/api/v1/video-channels/{handle}/followers",
            User,
            "getVideoChannelFollowers",
            channel::followers,
        )
        .get(
            "/api/v1/accounts/{name}/video-channels",
            Public,
            "",
            channel::of_account,
        )
        .get(
            "/api/v1/accounts/{name}/followers",
            User,
            "getAccountFollowers",
            channel::followers_of_account,
        )
}

fn statistics(routes: Routes) -> Routes {
    routes
        .get(
            "/api/v1/videos/{id}/stats/overall",
            User,
            "getVideoStatsOverall",
            stats::overall,
        )
        .answers::<Overall>()
        .get(
            "/api/v1/videos/{id}/stats/user-agent",
            User,
            "getVideoStatsUserAgent",
            stats::agents,
        )
        .answers::<Agents>()
        .get(
            "/api/v1/videos/{id}/stats/retention",
            User,
            "getVideoStatsRetention",
            stats::retention,
        )
        .answers::<Retention>()
        .get(
            "/api/v1/videos/{id}/stats/timeseries/{metric}",
            User,
            "getVideoStatsTimeseries",
            stats::series,
        )
        .answers::<Series>()
}

fn helpers(routes: Routes) -> Routes {
    let people = "/api/v1/video-channels/{handle}/collaborators";
    let one = "/api/v1/video-channels/{handle}/collaborators/{id}";
    let invite = "/api/v1/video-channels/{handle}/collaborators/invite";
    let accept = "/api/v1/video-channels/{handle}/collaborators/{id}/accept";
    let reject = "/api/v1/video-channels/{handle}/collaborators/{id}/reject";
    let avatar = "/api/v1/video-channels/{handle}/avatar";
    let banner = "/api/v1/video-channels/{handle}/banner";
    routes
        .get(
            people,
            User,
            "listVideoChannelCollaborators",
            collaborator::list,
        )
        .post(
            invite,
            User,
            "inviteVideoChannelCollaborator",
            collaborator::invite,
        )
        .post(
            accept,
            User,
            "acceptVideoChannelCollaborator",
            collaborator::accept,
        )
        .post(
            reject,
            User,
            "rejectVideoChannelCollaborator",
            collaborator::reject,
        )
        .delete(
            one,
            User,
            "removeVideoChannelCollaborator",
            collaborator::remove,
        )
        .post(
            "/api/v1/video-channels/{handle}/avatar/pick",
            User,
            "",
            picture::pick_avatar,
        )
        .post(
            "/api/v1/video-channels/{handle}/banner/pick",
            User,
            "",
            picture::pick_banner,
        )
        .delete(avatar, User, "", picture::remove_avatar)
        .delete(banner, User, "", picture::remove_banner)
}

fn watching(routes: Routes) -> Routes {
    let reactions = "/api/v1/videos/{id}/reactions";
    let one_reaction = "/api/v1/videos/{id}/reactions/{emoji}";
    routes
        .post(
            "/api/v1/videos/{id}/views",
            Optional,
            "addView",
            watch::view,
        )
        .put("/api/v1/videos/{id}/views", Optional, "", watch::view)
        .post("/api/v1/videos/{id}/watching", Optional, "", watch::view)
        .put("/api/v1/videos/{id}/watching", Optional, "", watch::view)
        .put("/api/v1/videos/{id}/rate", User, "", watch::rate)
        .get(reactions, Optional, "listReactions", reaction::list)
        .answers::<reaction::Reactions>()
        .put(one_reaction, User, "addReaction", reaction::add)
        .delete(one_reaction, User, "removeReaction", reaction::remove)
        .get(
            "/api/v1/users/me/videos/{id}/rating",
            User,
            "",
            watch::my_rating,
        )
        .get("/api/v1/accounts/{name}/ratings", User, "", watch::ratings)
        .get("/api/v1/users/me/history/videos", User, "", watch::history)
        .delete(
            "/api/v1/users/me/history/videos/{id}",
            User,
            "",
            watch::forget,
        )
        .post(
            "/api/v1/users/me/history/videos/remove",
            User,
            "",
            watch::forget_all,
        )
}

fn attached(routes: Routes) -> Routes {
    routes
        .get(
            "/api/v1/videos/{id}/captions",
            Optional,
            "getVideoCaptions",
            caption::list,
        )
        .get(
            "/api/v1/videos/{id}/captions/search",
            Optional,
            "",
            said::of_video,
        )
        .answers::<said::FoundInOne>()
        .put(
            "/api/v1/videos/{id}/captions/{language}",
            User,
            "addVideoCaption",
            caption::set,
        )
        .delete(
            "/api/v1/videos/{id}/captions/{language}",
            User,
            "delVideoCaption",
            caption::delete,
        )
        .get(
            "/lazy-static/video-captions/{filename}",
            Public,
            "",
            caption::file,
        )
        .get(
            "/api/v1/videos/{id}/chapters",
            Optional,
            "getVideoChapters",
            extra::chapters,
        )
        .put(
            "/api/v1/videos/{id}/chapters",
            User,
            "replaceVideoChapters",
            extra::set_chapters,
        )
        .get(
            "/api/v1/videos/{id}/storyboards",
            Optional,
            "listVideoStoryboards",
            extra::storyboards,
        )
        .get(
            "/api/v1/videos/{id}/metadata/{videoFileId}",
            Optional,
            "getVideoFileMetadata",
            extra::metadata,
        )
}

/// What only its maker sees, and the way in to what is not for all.
fn kept(routes: Routes) -> Routes {
    let live = "/api/v1/videos/live/{id}";
    let sessions = "/api/v1/videos/live/{id}/sessions";
    let session = "/api/v1/videos/{id}/live-session";
    routes
        .post("/api/v1/videos/live", User, "addLive", live::create)
        .get(live, Optional, "getLiveId", live::show)
        .answers::<live::Shown>()
        .put(live, User, "updateLiveId", live::change)
        .get(sessions, User, "getLiveSessions", live::change)
        .get(session, Public, "getReplayLiveSession", live::replayed)
        .post(
            "/api/v1/videos/{id}/token",
            Optional,
            "requestVideoToken",
            extra::token,
        )
        .get(
            "/api/v1/videos/{id}/source",
            User,
            "getVideoSource",
            extra::source,
        )
        .get(
            "/api/v1/videos/{id}/quality",
            User,
            "getVideoQuality",
            quality::show,
        )
        .answers::<quality::Qualities>()
        .get(
            "/api/v1/videos/{id}/passwords",
            User,
            "listVideoPasswords",
            extra::passwords,
        )
        .put(
            "/api/v1/videos/{id}/passwords",
            User,
            "updateVideoPasswordList",
            extra::set_passwords,
        )
        .post(
            "/api/v1/videos/{id}/passwords",
            User,
            "addVideoPassword",
            extra::add_password,
        )
        .delete(
            "/api/v1/videos/{id}/passwords/{password_id}",
            User,
            "removeVideoPassword",
            extra::delete_password,
        )
}
