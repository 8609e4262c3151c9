/* tests/fuzz/request.c - http/target.h and http/cookie.h: what a stranger's request line and cookies say
 *
 * INPUT   the target, NUL, the Cookie header, NUL, the CSRF header
 */
#include "fuzz.h"

#include "http/cookie.h"
#include "http/target.h"
#include "model/secret.h"

void fuzz_start(void) {}

static void check_arguments(struct task *t, struct text query)
{
    const struct name_value *all = NULL;
    size_t count = 0;
    struct refusal r = target_arguments(t, query, &all, &count);

    HOLDS(count <= ARGUMENTS_MAX && (!r.status || (r.status == 400 && r.kind && r.field)));
    for (size_t i = 0; i < count; i++) {
        HOLDS(text_is_utf8(all[i].name) && !text_has_control(all[i].name, ""));
        HOLDS(text_is_utf8(all[i].value) && !text_has_control(all[i].value, ""));
    }
}

static void check_target(struct task *t, struct text as_sent)
{
    struct target target = target_split(as_sent);
    struct text path = { 0 };

    HOLDS(target.path.length + target.query.length <= as_sent.length + 1);
    if (!target_decode(t, "path", target.path, &path).status)
        HOLDS(path.length <= target.path.length && text_is_utf8(path) && !text_has_control(path, ""));
    check_arguments(t, target.query);
}

static void check_cookie(struct task *t, struct text header, struct text csrf)
{
    struct text token = cookie_token(header);

    if (!token.at)
        return;
    HOLDS(token.length == SECRET_TOKEN_LENGTH);
    HOLDS(text_equal(cookie_token(task_join(t, TEXT(COOKIE_NAME "="), token)), token));
    HOLDS(cookie_check_csrf(t, token, csrf).status == 403 || text_equal(csrf, secret_derive(t, token, "csrf")));
}

void fuzz_one(struct task *t, struct text input)
{
    struct text target = fuzz_take(&input), cookies = fuzz_take(&input);

    check_target(t, target);
    check_cookie(t, cookies, input);
}
