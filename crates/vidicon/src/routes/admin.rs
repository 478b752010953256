//! The routes of what administrators look after.

use super::Routes;
use crate::access::Access;
use crate::account::Right;
use crate::admin::jobs::{self, JobView};
use crate::admin::{api, contact, health, mail, metrics, pictures, stats, system, words};
use crate::cost;
use crate::listing::Listed;

pub(super) fn routes(routes: Routes) -> Routes {
    plugin_routes(picture_routes(health_routes(server_routes(job_routes(
        routes,
    )))))
}

fn job_routes(routes: Routes) -> Routes {
    let manage = Access::Right(Right::ManageJobs);
    routes
        .get("/api/v1/jobs", manage, "getAllJobs", jobs::all)
        .answers::<Listed<JobView>>()
        .post("/api/v1/jobs/pause", manage, "pauseJobs", jobs::pause)
        .post("/api/v1/jobs/resume", manage, "resumeJobs", jobs::resume)
        .get("/api/v1/jobs/{state}", manage, "getJobs", jobs::in_state)
        .answers::<Listed<JobView>>()
        .post(
            "/api/v1/jobs/{job_type}/{job_id}/cancel",
            manage,
            "cancelJob",
            jobs::cancel,
        )
        .post(
            "/api/v1/jobs/{job_type}/{job_id}/retry",
            manage,
            "retryJob",
            jobs::retry,
        )
        .put(
            "/api/v1/jobs/{job_type}/{job_id}/priority",
            manage,
            "setJobPriority",
            jobs::set_priority,
        )
}

fn server_routes(routes: Routes) -> Routes {
    let debug = Access::Right(Right::ManageDebug);
    let logs = Access::Right(Right::ManageLogs);
    routes
        .get(
            "/api/v1/server/stats",
            Access::Public,
            "getInstanceStats",
            stats::show,
        )
        .get("/api/v1/server/debug", debug, "getDebug", system::debug)
        .post(
            "/api/v1/server/debug/run-command",
            debug,
            "runCommand",
            system::run_command,
        )
        .post(
            "/api/v1/server/logs/client",
            Access::Optional,
            "sendClientLog",
            system::client_log,
        )
        .get("/api/v1/server/logs", logs, "getInstanceLogs", system::logs)
        .get(
            "/api/v1/server/audit-logs",
            logs,
            "getInstanceAuditLogs",
            system::audit_logs,
        )
        .post(
            "/api/v1/server/contact",
            Access::Public,
            "contactInstance",
            contact::write,
        )
        .post(
            "/api/v1/metrics/playback",
            Access::Public,
            "addPlaybackMetric",
            metrics::playback,
        )
        .post(
            "/api/v1/client-config/update-language",
            Access::Public,
            "updateLanguage",
            system::set_language,
        )
        .post(
            "/api/v1/client-config/update-interface-language",
            Access::Public,
            "updateInterfaceLanguage",
            system::set_language,
        )
}

fn health_routes(routes: Routes) -> Routes {
    let debug = Access::Right(Right::ManageDebug);
    let configure = Access::Right(Right::ManageConfiguration);
    routes
        .get(
            "/api/v1/server/health",
            debug,
            "getHealth",
            health::api::report,
        )
        .answers::<health::api::Report>()
        .post(
            "/api/v1/server/health/{remedy}",
            debug,
            "applyRemedy",
            health::api::apply,
        )
        .post("/api/v1/server/mail/test", debug, "testMail", mail::test)
        .get(
            "/api/v1/server/costs",
            configure,
            "getCosts",
            cost::api::show,
        )
        .answers::<cost::api::CostView>()
        .get(
            "/api/v1/server/costs/videos",
            configure,
            "getHeaviestVideos",
            cost::api::videos,
        )
        .answers::<cost::api::HeavyList>()
        .get("/health", Access::Public, "", health::api::alive)
        .get("/metrics", Access::Public, "", metrics::scrape)
}

fn picture_routes(routes: Routes) -> Routes {
    let configure = Access::Right(Right::ManageConfiguration);
    routes
        .post(
            "/api/v1/config/instance-avatar/pick",
            configure,
            "pickInstanceAvatar",
            pictures::pick_avatar,
        )
        .delete(
            "/api/v1/config/instance-avatar",
            configure,
            "removeInstanceAvatar",
            pictures::remove_avatar,
        )
        .post(
            "/api/v1/config/instance-banner/pick",
            configure,
            "pickInstanceBanner",
            pictures::pick_banner,
        )
        .delete(
            "/api/v1/config/instance-banner",
            configure,
            "removeInstanceBanner",
            pictures::remove_banner,
        )
        .post(
            "/api/v1/config/instance-logo/{logo_type}/pick",
            configure,
            "pickInstanceLogo",
            pictures::pick_logo,
        )
        .delete(
            "/api/v1/config/instance-logo/{logo_type}",
            configure,
            "removeInstanceLogo",
            pictures::remove_logo,
        )
}

fn plugin_routes(routes: Routes) -> Routes {
    let manage = Access::Right(Right::ManagePlugins);
    routes
        .get("/plugins/global.css", Access::Public, "", api::plugin_style)
        .get(
            "/plugins/translations/{file}",
            Access::Public,
            "",
            api::plugin_words,
        )
        .get(
            "/client/locales/{locale}/{file}",
            Access::Public,
            "",
            words::server,
        )
        .get("/api/v1/plugins", manage, "getPlugins", api::plugins)
        .get(
            "/api/v1/plugins/available",
            manage,
            "getAvailablePlugins",
            api::available_plugins,
        )
        .post(
            "/api/v1/plugins/install",
            manage,
            "addPlugin",
            api::install_plugin,
        )
        .post(
            "/api/v1/plugins/update",
            manage,
            "updatePlugin",
            api::install_plugin,
        )
        .post(
            "/api/v1/plugins/uninstall",
            manage,
            "uninstallPlugin",
            api::uninstall_plugin,
        )
        .get(
            "/api/v1/plugins/{npm_name}",
            manage,
            "getPlugin",
            api::plugin,
        )
        .put(
            "/api/v1/plugins/{npm_name}/settings",
            manage,
            "setPluginSettings",
            api::plugin,
        )
        .get(
            "/api/v1/plugins/{npm_name}/public-settings",
            Access::Public,
            "getPluginPublicSettings",
            api::plugin,
        )
        .get(
            "/api/v1/plugins/{npm_name}/registered-settings",
            manage,
            "getPluginRegisteredSettings",
            api::plugin,
        )
}
