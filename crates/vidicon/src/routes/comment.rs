//! The URLs of comments, watched words and automatic tags.

use super::Routes;
use crate::access::Access::{Optional, Right as Needs, User};
use crate::account::Right::{
    ManageAnyVideoComment, ManageConfiguration, ManageInstanceAutoTags, ManageInstanceWatchedWords,
    SeeAllComments,
};
use crate::comment::api::{self, overview, spam, tags, words};

const THREADS: &str = "/api/v1/videos/{id}/comment-threads";
const COMMENT: &str = "/api/v1/videos/{id}/comments/{commentId}";

pub fn routes(routes: Routes) -> Routes {
    spam_filter(tag_policies(subscriptions(word_lists(overviews(
        comments(routes),
    )))))
}

fn comments(routes: Routes) -> Routes {
    let thread = "/api/v1/videos/{id}/comment-threads/{threadId}";
    let replies = "/api/v1/videos/{id}/comments/{commentId}/replies";
    let approve = "/api/v1/videos/{id}/comments/{commentId}/approve";
    routes
        .get(THREADS, Optional, "listCommentThreads", api::threads)
        .post(THREADS, User, "addCommentThread", api::add)
        .get(thread, Optional, "getCommentThread", api::thread)
        .get(replies, Optional, "listCommentReplies", api::replies)
        .post(COMMENT, User, "addCommentReply", api::reply)
        .delete(COMMENT, User, "delComment", api::delete)
        .post(approve, User, "approveComment", api::approve)
}

fn overviews(routes: Routes) -> Routes {
    let all = "/api/v1/videos/comments";
    let mine = "/api/v1/users/me/videos/comments";
    let remove = "/api/v1/bulk/remove-comments-of";
    routes
        .get(all, Needs(SeeAllComments), "listComments", overview::all)
        .get(mine, User, "listCommentsOnMyVideos", overview::mine)
        .post(remove, User, "removeCommentsOf", overview::remove_of)
}

fn word_lists(routes: Routes) -> Routes {
    let words = Needs(ManageInstanceWatchedWords);
    let mine = "/api/v1/watched-words/accounts/{accountName}/lists";
    let my_list = "/api/v1/watched-words/accounts/{accountName}/lists/{listId}";
    let site = "/api/v1/watched-words/server/lists";
    let site_list = "/api/v1/watched-words/server/lists/{listId}";
    routes
        .get(mine, User, "listMyWatchedWords", words::mine)
        .post(mine, User, "addMyWatchedWords", words::add_mine)
        .put(my_list, User, "putMyWatchedWords", words::change_mine)
        .delete(my_list, User, "delMyWatchedWords", words::delete_mine)
        .get(site, words, "listServerWatchedWords", words::of_site)
        .post(site, words, "addServerWatchedWords", words::add_of_site)
        .put(
            site_list,
            words,
            "putServerWatchedWords",
            words::change_of_site,
        )
        .delete(
            site_list,
            words,
            "delServerWatchedWords",
            words::delete_of_site,
        )
}

fn subscriptions(routes: Routes) -> Routes {
    let words = Needs(ManageInstanceWatchedWords);
    let mine = "/api/v1/watched-words/accounts/{accountName}/subscriptions";
    let one = "/api/v1/watched-words/accounts/{accountName}/subscriptions/{id}";
    let site = "/api/v1/watched-words/server/subscriptions";
    let site_one = "/api/v1/watched-words/server/subscriptions/{id}";
    routes
        .get(
            mine,
            User,
            "listMyWordSubscriptions",
            words::my_subscriptions,
        )
        .post(mine, User, "addMyWordSubscription", words::subscribe)
        .delete(one, User, "delMyWordSubscription", words::unsubscribe)
        .get(
            site,
            words,
            "listServerWordSubscriptions",
            words::subscriptions_of_site,
        )
        .post(
            site,
            words,
            "addServerWordSubscription",
            words::subscribe_site,
        )
        .delete(
            site_one,
            words,
            "delServerWordSubscription",
            words::unsubscribe_site,
        )
}

fn tag_policies(routes: Routes) -> Routes {
    let site = Needs(ManageInstanceAutoTags);
    let mine = "/api/v1/automatic-tags/accounts/{accountName}/available";
    let review = "/api/v1/automatic-tags/policies/accounts/{accountName}/comments";
    let of_site = "/api/v1/automatic-tags/server/available";
    let block = "/api/v1/automatic-tags/policies/server/videos";
    routes
        .get(mine, User, "listMyAutomaticTags", tags::mine)
        .get(review, User, "getMyTagPolicies", tags::review)
        .put(review, User, "putMyTagPolicies", tags::set_review)
        .get(of_site, site, "listServerAutomaticTags", tags::of_site)
        .get(block, site, "getVideoTagPolicies", tags::block)
        .put(block, site, "putVideoTagPolicies", tags::set_block)
}

fn spam_filter(routes: Routes) -> Routes {
    let judge = Needs(ManageAnyVideoComment);
    let reset = "/api/v1/spam-filter/reset";
    routes
        .get("/api/v1/spam-filter", judge, "getSpamFilter", spam::show)
        .answers::<spam::SpamFilter>()
        .post(
            reset,
            Needs(ManageConfiguration),
            "resetSpamFilter",
            spam::reset,
        )
}
