//! What only a language model, or somebody else's service, could do: 501, and why.

use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::error::{ApiError, Failure};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

macro_rules! refused {
    ($($name:ident: $method:ident $path:literal, $why:literal;)*) => {
        pub(super) fn routes() -> OpenApiRouter<Shared> {
            OpenApiRouter::new()$(.routes(routes!($name)))*
        }
        $(
            #[doc = $why]
            #[utoipa::path($method, path = $path, tag = "not here", operation_id = stringify!($name),
                responses((status = 501, body = Failure)))]
            async fn $name(_: Access) -> ApiError {
                ApiError::not_implemented($why)
            }
        )*
    };
}

refused! {
    summary: post "/v1/summary", "summaries are written by a language model, which memt does without";
    profile: get "/v2/entities/user/{id}/profile", "profiles are written by a language model, which memt does without";
    start_profiles: post "/v2/profiles/jobs", "profiles are written by a language model, which memt does without";
    profile_jobs: get "/v2/profiles/jobs", "profiles are written by a language model, which memt does without";
    profile_job: get "/v2/profiles/jobs/{id}", "profiles are written by a language model, which memt does without";
    set_profiles: post "/v2/profiles/settings", "profiles are written by a language model, which memt does without";
    profile_settings: get "/v2/profiles/settings", "profiles are written by a language model, which memt does without";
    instructions: post "/generate-instructions", "instructions are written by a language model, which memt does without";
    configure: post "/configure", "there is no language model and no vector store to configure; memt serve --help lists the settings";
    new_project: post "/api/v1/orgs/organizations/{org}/projects/{project}/members", "there is one project with one member; make keys with memt serve --new-key";
    change_member: put "/api/v1/orgs/organizations/{org}/projects/{project}/members", "there is one project with one member; make keys with memt serve --new-key";
    remove_member: delete "/api/v1/orgs/organizations/{org}/projects/{project}/members", "there is one project with one member; remove keys with memt serve --remove-key";
    make_project: post "/api/v1/orgs/organizations/{org}/projects", "there is one project; give applications owners or servers of their own";
    make_organisation: post "/api/v1/orgs/organizations", "there is one organisation; give applications owners or servers of their own";
    delete_organisation: delete "/api/v1/orgs/organizations/{org}", "there is one organisation; delete memories instead";
    change_organisation: patch "/api/v1/orgs/organizations/{org}", "there is one organisation, and its name stays";
    delete_project: delete "/api/v1/orgs/organizations/{org}/projects/{project}", "there is one project; delete memories instead";
}
