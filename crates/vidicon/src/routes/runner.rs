//! The routes of runners and of those who manage them.

use super::Routes;
use crate::access::Access;
use crate::account::Right;
use crate::runner::{admin, api, cover, input, input_sound, part, task_file, view};

pub fn routes(routes: Routes) -> Routes {
    let managed = managing(routes);
    files(working(managed))
}

fn managing(routes: Routes) -> Routes {
    let manage = Access::Right(Right::ManageRunners);
    let tokens = "/api/v1/runners/registration-tokens";
    routes
        .post(
            "/api/v1/runners/registration-tokens/generate",
            manage,
            "",
            admin::generate_token,
        )
        .get(tokens, manage, "", admin::tokens)
        .answers::<crate::listing::Listed<view::TokenView>>()
        .delete(
            "/api/v1/runners/registration-tokens/{id}",
            manage,
            "",
            admin::delete_token,
        )
        .get("/api/v1/runners", manage, "", admin::runners)
        .answers::<crate::listing::Listed<view::RunnerView>>()
        .delete(
            "/api/v1/runners/{runnerId}",
            manage,
            "",
            admin::delete_runner,
        )
        .get("/api/v1/runners/jobs", manage, "", admin::jobs)
        .post(
            "/api/v1/runners/jobs/{jobUUID}/cancel",
            manage,
            "",
            admin::cancel,
        )
        .delete("/api/v1/runners/jobs/{jobUUID}", manage, "", admin::delete)
}

/// Runners say who they are in the body, by tokens.
fn working(routes: Routes) -> Routes {
    let any = Access::Public;
    routes
        .post("/api/v1/runners/register", any, "", api::register)
        .post("/api/v1/runners/unregister", any, "", api::unregister)
        .post("/api/v1/runners/jobs/request", any, "", api::request)
        .post(
            "/api/v1/runners/jobs/{jobUUID}/accept",
            any,
            "",
            api::accept,
        )
        .post("/api/v1/runners/jobs/{jobUUID}/abort", any, "", api::abort)
        .post(
            "/api/v1/runners/jobs/{jobUUID}/update",
            any,
            "",
            api::update,
        )
        .post("/api/v1/runners/jobs/{jobUUID}/error", any, "", api::error)
        .post(
            "/api/v1/runners/jobs/{jobUUID}/success",
            any,
            "",
            api::success,
        )
}

fn files(routes: Routes) -> Routes {
    let any = Access::Public;
    let best = "/api/v1/runners/jobs/{jobUUID}/files/videos/{videoId}/max-quality";
    let sound = "/api/v1/runners/jobs/{jobUUID}/files/videos/{videoId}/max-quality/audio";
    let thumbnail = "/api/v1/runners/jobs/{jobUUID}/files/videos/{videoId}/thumbnails/max-quality";
    let preview = "/api/v1/runners/jobs/{jobUUID}/files/videos/{videoId}/previews/max-quality";
    let task = "/api/v1/runners/jobs/{jobUUID}/files/videos/{videoId}/studio/task-files/{filename}";
    routes
        .post(best, any, "", input)
        .post(sound, any, "", input_sound)
        .post(thumbnail, any, "", cover)
        .post(preview, any, "", cover)
        .post(task, any, "", task_file)
        .get(
            "/api/v1/runners/jobs/{jobUUID}/source",
            any,
            "readPartSource",
            part::source,
        )
        .put(
            "/api/v1/runners/jobs/{jobUUID}/results/{rendition}",
            any,
            "putPartResult",
            part::put_result,
        )
}
