/* server/http/cookie.c */
#include "http/cookie.h"

#include "model/secret.h"

#include <string.h>

static bool is_token(struct text given)
{
    static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    if (given.length != SECRET_TOKEN_LENGTH)
        return false;
    for (size_t i = 0; i < given.length; i++)
        if (!memchr(base64url, given.at[i], sizeof base64url - 1))
            return false;
    return true;
}

struct text cookie_token(struct text header)
{
    struct text found = { NULL, 0 };

    while (header.length) {
        size_t end = text_find(header, ';'), equals;
        struct text pair = text_trim(text_part(header, 0, end));

        header = end == TEXT_NOT_FOUND ? TEXT("") : text_part(header, end + 1, header.length);
        equals = text_find(pair, '=');
        if (equals == TEXT_NOT_FOUND || !text_equal(text_part(pair, 0, equals), TEXT(COOKIE_NAME)))
            continue;
        pair = text_part(pair, equals + 1, pair.length);
        if (!is_token(pair) || (found.at && !text_equal(found, pair)))
            return (struct text){ NULL, 0 };
        found = pair;
    }
    return found;
}

struct text cookie_set(struct task *t, struct text session_token, bool secure)
{
    /* No Max-Age: the cookie goes with the browser, and the session's own ends are kept in the database. */
    return task_printf(t, COOKIE_NAME "=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
                       session_token.at ? session_token.at : "", session_token.at ? "" : "; Max-Age=0",
                       secure ? "; Secure" : "");
}

struct refusal cookie_check_csrf(struct task *t, struct text session_token, struct text csrf_header)
{
    if (!csrf_header.at)
        return REFUSED(403, "X-CSRF-Token", &problem_required);
    if (!secret_equal(csrf_header, secret_derive(t, session_token, "csrf")))
        return REFUSED(403, "X-CSRF-Token", &problem_malformed);
    return NOT_REFUSED;
}
