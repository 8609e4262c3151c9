/* server/http/response.c */
#include "http/response.h"

#include "http/cookie.h"

#include <assert.h>

static struct text content_security(struct task *t, struct text nonce)
{
    struct text style = nonce.at ? task_printf(t, " 'nonce-%s'", nonce.at) : TEXT("");

    return task_printf(t,
                       "default-src 'none'; script-src 'self'; style-src 'self'%s; img-src 'self' data:; "
                       "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
                       "frame-ancestors 'none'",
                       style.at);
}

void response_header(struct response *r, const char *name, struct text value)
{
    if (!value.at)
        return;
    assert(r->header_count < RESPONSE_HEADERS_MAX);
    r->headers[r->header_count++] = (struct header){ name, value };
}

void response_start(struct task *t, struct response *r, unsigned status, bool secure, struct text nonce)
{
    *r = (struct response){ .status = status };
    response_header(r, "Content-Security-Policy", content_security(t, nonce));
    response_header(r, "X-Content-Type-Options", TEXT("nosniff"));
    response_header(r, "Referrer-Policy", TEXT("no-referrer"));
    response_header(r, "X-Frame-Options", TEXT("DENY"));
    response_header(r, "Cross-Origin-Opener-Policy", TEXT("same-origin"));
    response_header(r, "Cross-Origin-Resource-Policy", TEXT("same-origin"));
    response_header(r, "Permissions-Policy",
                    TEXT("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
    if (secure)
        response_header(r, "Strict-Transport-Security", TEXT("max-age=31536000"));
}

void response_body(struct response *r, struct text type, struct text body)
{
    response_header(r, "Content-Type", type);
    r->body = body;
}

void response_of_reply(struct task *t, struct response *r, const struct reply *reply, bool secure)
{
    response_start(t, r, reply->status, secure, (struct text){ NULL, 0 });
    response_header(r, "Cache-Control", TEXT("no-store"));
    if (reply->body.at)
        response_body(r, reply->content_type, reply->body);
    response_header(r, "ETag", reply->etag);
    response_header(r, "Location", reply->location);
    response_header(r, "Allow", reply->allow);
    if (reply->undo > 0) /* as a Location: what to POST to for taking it back */
        response_header(r, "Postreeve-Undo", task_printf(t, "/api/v1/log/%lld/undo", (long long)reply->undo));
    if (reply->replayed)
        response_header(r, "Idempotency-Replayed", TEXT("true"));
    if (reply->retry_after_seconds > 0)
        response_header(r, "Retry-After", task_printf(t, "%lld", (long long)reply->retry_after_seconds));
    if (reply->set_session.at || reply->clear_session)
        response_header(r, "Set-Cookie", cookie_set(t, reply->set_session, secure));
}
