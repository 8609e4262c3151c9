/* tests/http/test_cookie.c - the session's cookie, and the token that goes with it */
#include "support/support.h"

#include "http/cookie.h"
#include "model/secret.h"

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static const struct { const char *header, *token; } cookies[] = {
    { "postreeve_session=" A, A },
    { "a=b; postreeve_session=" A "; c=d", A },
    { "a=b;postreeve_session=" A, A },
    { "postreeve_session=" A "; postreeve_session=" A, A },
    { "postreeve_session=" A "; postreeve_session=" B, NULL }, /* one of them is somebody else's */
    { "xpostreeve_session=" A, NULL },
    { "postreeve_session=" A "A", NULL },
    { "postreeve_session=\"" A "\"", NULL },
    { "postreeve_session=", NULL },
    { "postreeve_session", NULL },
    { ";;=;", NULL },
    { "", NULL },
    { NULL, NULL },
};

static void the_token_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cookies); i++) {
        print_message("  %s\n", cookies[i].header ? cookies[i].header : "(none)");
        assert_text(cookie_token(text_of(cookies[i].header)), cookies[i].token);
    }
}

static void the_cookie_stays_at_home(void **state)
{
    struct task *t = fresh_task(state);

    assert_text(cookie_set(t, TEXT(A), false), "postreeve_session=" A "; Path=/; HttpOnly; SameSite=Strict");
    assert_text(cookie_set(t, TEXT(A), true),
                "postreeve_session=" A "; Path=/; HttpOnly; SameSite=Strict; Secure");
    assert_text(cookie_set(t, text_of(NULL), false),
                "postreeve_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

static void only_the_derived_token_passes(void **state)
{
    struct task *t = fresh_task(state);

    assert_int_equal(cookie_check_csrf(t, TEXT(A), secret_derive(t, TEXT(A), "csrf")).status, 0);
    assert_int_equal(cookie_check_csrf(t, TEXT(A), secret_derive(t, TEXT(B), "csrf")).status, 403);
    assert_int_equal(cookie_check_csrf(t, TEXT(A), TEXT(A)).status, 403);
    assert_int_equal(cookie_check_csrf(t, TEXT(A), TEXT("")).status, 403);
    assert_string_equal(cookie_check_csrf(t, TEXT(A), text_of(NULL)).kind->code, "required");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_token_is_found), TASK_TEST(the_cookie_stays_at_home),
        TASK_TEST(only_the_derived_token_passes),
    };

    secret_start();
    return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}
