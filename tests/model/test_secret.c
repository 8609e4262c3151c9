/* tests/model/test_secret.c - tokens that are handed out, and what is kept of them */
#include "support/support.h"

#include "model/secret.h"

#include <string.h>

static void tokens_differ_and_travel_well(void **state)
{
    struct task *t = fresh_task(state);
    struct text a = secret_token(t), b = secret_token(t);

    assert_int_equal(a.length, SECRET_TOKEN_LENGTH);
    assert_int_equal(b.length, SECRET_TOKEN_LENGTH);
    assert_false(text_equal(a, b));
    for (size_t i = 0; i < a.length; i++)
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", a.at[i]));
}

static void digest_is_sha256_in_hex(void **state)
{
    struct task *t = fresh_task(state);

    /* FIPS 180-2, appendix B.1 */
    assert_text(secret_digest(t, TEXT("abc")),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void what_is_derived_depends_on_secret_and_purpose(void **state)
{
    struct task *t = fresh_task(state);
    struct text csrf = secret_derive(t, TEXT("session"), "csrf");

    assert_int_equal(csrf.length, SECRET_TOKEN_LENGTH);
    assert_true(text_equal(csrf, secret_derive(t, TEXT("session"), "csrf")));
    assert_false(text_equal(csrf, secret_derive(t, TEXT("session"), "other")));
    assert_false(text_equal(csrf, secret_derive(t, TEXT("Session"), "csrf")));
    /* RFC 4231, test case 2 */
    assert_text(secret_derive(t, TEXT("Jefe"), "what do ya want for nothing?"),
                "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM");
}

static const struct {
    const char *octets, *base64url;
} pairs[] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "\xFB\xFF\xFE", "-__-" } };

static void base64url_goes_both_ways(void **state)
{
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct task *t = fresh_task(state);
        struct text back = { NULL, 0 };

        assert_text(secret_base64url(t, text_of(pairs[i].octets)), pairs[i].base64url);
        assert_true(secret_from_base64url(t, text_of(pairs[i].base64url), &back));
        assert_text(back, pairs[i].octets);
    }
}

static void what_is_no_base64url_is_refused(void **state)
{
    static const char *const wrong[] = { "Z", "Zg==", "Zm9+", "Zm9/", "Zm 9v", "Zm9v\n", "Zh" };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct task *t = fresh_task(state);
        struct text back;

        print_message("  %s\n", wrong[i]);
        assert_false(secret_from_base64url(t, text_of(wrong[i]), &back));
    }
}

static void secret_equal_is_equality(void **state)
{
    (void)state;
    assert_true(secret_equal(TEXT("abc"), TEXT("abc")));
    assert_false(secret_equal(TEXT("abc"), TEXT("abd")));
    assert_false(secret_equal(TEXT("abc"), TEXT("ab")));
    assert_true(secret_equal(TEXT(""), TEXT("")));
    assert_true(secret_equal((struct text){ NULL, 0 }, TEXT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(tokens_differ_and_travel_well),   TASK_TEST(digest_is_sha256_in_hex),
        TASK_TEST(what_is_derived_depends_on_secret_and_purpose),
        TASK_TEST(base64url_goes_both_ways),        TASK_TEST(what_is_no_base64url_is_refused),
        cmocka_unit_test(secret_equal_is_equality),
    };

    secret_start();
    return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
