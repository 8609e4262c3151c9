/* tests/model/test_totp.c - codes of RFC 6238, once each, and recovery codes as people type them */
#include "support/support.h"

#include "model/secret.h"
#include "model/totp.h"

#include <string.h>

#define SEED "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" /* "12345678901234567890", RFC 6238's own */

static int64_t check(const char *code, int64_t unix_seconds, int64_t last_used)
{
    return totp_check(TEXT(SEED), text_of(code), unix_seconds, TOTP_WINDOW, last_used);
}

/* RFC 6238, appendix B, SHA-1; the last six of its eight digits. */
static const struct {
    int64_t unix_seconds;
    const char *code;
} vectors[] = {
    { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" },
    { 2000000000, "279037" }, { 20000000000, "353130" },
};

static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        int64_t step = vectors[i].unix_seconds / 30;

        print_message("  %lld\n", (long long)vectors[i].unix_seconds);
        for (int64_t off = -3; off <= 3; off++)
            assert_int_equal(check(vectors[i].code, (step + off) * 30, TOTP_NO_STEP),
                             off >= -1 && off <= 1 ? step : TOTP_NO_STEP);
        assert_int_equal(totp_check(TEXT(SEED), text_of(vectors[i].code), vectors[i].unix_seconds, 0, TOTP_NO_STEP), step);
        assert_int_equal(totp_check(TEXT(SEED), text_of(vectors[i].code), (step + 1) * 30, 0, TOTP_NO_STEP), TOTP_NO_STEP);
    }
}

static void a_code_counts_once(void **state)
{
    int64_t now = 1111111109, step = now / 30;

    (void)state;
    assert_int_equal(check("081804", now, TOTP_NO_STEP), step);
    assert_int_equal(check("081804", now, step - 1), step);
    assert_int_equal(check("081804", now, step), TOTP_NO_STEP);
    assert_int_equal(check("081804", now, step + 1), TOTP_NO_STEP); /* a newer one was used: the older is gone */
    assert_int_equal(check("050471", 1111111111, step), 1111111111 / 30);
}

static void codes_are_six_digits(void **state)
{
    static const struct {
        struct text code;
        bool right;
    } cases[] = {
#define CODE(literal, right) { { (literal), sizeof(literal) - 1 }, right }
        CODE("005924", true),     CODE(" 005 924 ", true), CODE("0 0 5 9 2 4", true),  CODE("\t005924", true),
        CODE("5924", false),      CODE("05924", false),    CODE("0005924", false),     CODE("0059240", false),
        CODE("", false),          CODE("      ", false),   CODE("005-924", false),     CODE("00592\x34\0", false),
        CODE("\0" "05924", false), CODE("005924\n", false), CODE("+05924", false),      CODE("00592a", false),
        CODE("\xEF\xBC\x90" "05924", false), CODE("\xB0\xB0\xB5\xB9\xB2\xB4", false), CODE("005923", false),
        { { NULL, 0 }, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("  %.*s\n", (int)cases[i].code.length, cases[i].code.at ? cases[i].code.at : "");
        assert_int_equal(totp_check(TEXT(SEED), cases[i].code, 1234567890, TOTP_WINDOW, TOTP_NO_STEP),
                         cases[i].right ? 1234567890 / 30 : TOTP_NO_STEP);
    }
}

/* Postfix Admin's are of 64 octets, without the padding. */
static void a_seed_of_64_octets_is_one(void **state)
{
    struct task *t = fresh_task(state);

    assert_int_equal(totp_check(repeated(t, 'A', 103), TEXT("712049"), 1234567890, 0, TOTP_NO_STEP), 1234567890 / 30);
    assert_int_equal(totp_check(repeated(t, 'A', 104), TEXT("712049"), 1234567890, 0, TOTP_NO_STEP), TOTP_NO_STEP);
}

static void what_is_no_seed_matches_nothing(void **state)
{
    static const struct text seeds[] = {
        { NULL, 0 }, { "", 0 }, { "A", 1 }, { "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", 32 },
        { "GEZDGNBVGY3TQOJ\0GEZDGNBVGY3TQOJQ", 32 }, { "\xC7\xC5\xDA\xC4\xC7\xCE\xC2\xD6", 8 }, { "gezdgnbv", 8 },
        { "GEZD GNB", 8 }, { "========", 8 },
    };
    struct task *t = fresh_task(state);
    char code[TOTP_DIGITS + 1] = "000000";
    int right = 0;

    for (size_t i = 0; i < COUNT(seeds); i++)
        assert_int_equal(totp_check(seeds[i], TEXT("005924"), 1234567890, TOTP_WINDOW, TOTP_NO_STEP), TOTP_NO_STEP);
    assert_int_equal(totp_check(repeated(t, 'A', 1000000), TEXT("005924"), 1234567890, 1, TOTP_NO_STEP), TOTP_NO_STEP);
    /* An empty key is a key to HMAC: of all codes, none may open an account without a seed. */
    for (int i = 0; i < 1000000; i++) {
        for (int digit = TOTP_DIGITS - 1, rest = i; digit >= 0; digit--, rest /= 10)
            code[digit] = (char)('0' + rest % 10);
        right += totp_check(TEXT(""), text_of(code), 1234567890, TOTP_WINDOW, TOTP_NO_STEP) != TOTP_NO_STEP;
    }
    assert_int_equal(right, 0);
}

static void absurd_times_match_nothing(void **state)
{
    static const int64_t times[] = { -1, INT64_MIN, INT64_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT(times); i++)
        assert_int_equal(check("000000", times[i], INT64_MAX), TOTP_NO_STEP);
    assert_int_equal(check("755224", 0, TOTP_NO_STEP), 0); /* RFC 4226, appendix D: count 0 */
    assert_int_equal(check("287082", 0, TOTP_NO_STEP), 1);
    assert_int_equal(totp_check(TEXT(SEED), TEXT("755224"), 0, -1, TOTP_NO_STEP), TOTP_NO_STEP);
}

static void seeds_are_random_base32(void **state)
{
    struct task *t = fresh_task(state);
    struct text a = totp_seed(t), b = totp_seed(t);

    assert_int_equal(a.length, TOTP_SEED_LENGTH);
    assert_int_equal(b.length, TOTP_SEED_LENGTH);
    assert_false(text_equal(a, b));
    for (size_t i = 0; i < a.length; i++)
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", a.at[i]));
}

static const struct {
    const char *issuer, *account, *uri;
} uris[] = {
    { "postreeve", "taro@example.jp",
      "otpauth://totp/postreeve:taro%40example.jp?secret=" SEED "&issuer=postreeve&algorithm=SHA1&digits=6&period=30" },
    { "Mail & more", "a:b/c?d#e%f",
      "otpauth://totp/Mail%20%26%20more:a%3Ab%2Fc%3Fd%23e%25f?secret=" SEED
      "&issuer=Mail%20%26%20more&algorithm=SHA1&digits=6&period=30" },
    { "\xE9\x83\xB5", "", "otpauth://totp/%E9%83%B5:?secret=" SEED "&issuer=%E9%83%B5&algorithm=SHA1&digits=6&period=30" },
};

static void the_uri_is_what_applications_read(void **state)
{
    for (size_t i = 0; i < COUNT(uris); i++)
        assert_text(totp_uri(fresh_task(state), text_of(uris[i].issuer), text_of(uris[i].account), TEXT(SEED)),
                    uris[i].uri);
}

static void recovery_codes_go_out_and_come_back(void **state)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    bool seen[sizeof alphabet - 1] = { false };

    for (int i = 0; i < 500; i++) {
        struct task *t = fresh_task(state);
        struct text shown = recovery_code(t), canonical, again;

        assert_int_equal(shown.length, RECOVERY_CODE_LENGTH + 1);
        assert_int_equal(shown.at[5], '-');
        assert_true(recovery_code_canon(t, shown, &canonical));
        assert_int_equal(canonical.length, RECOVERY_CODE_LENGTH);
        assert_true(recovery_code_canon(t, canonical, &again));
        assert_true(text_equal(canonical, again));
        assert_false(text_equal(shown, recovery_code(t)));
        for (size_t c = 0; c < canonical.length; c++) {
            const char *hit = strchr(alphabet, canonical.at[c]);

            assert_non_null(hit);
            seen[hit - alphabet] = true;
        }
    }
    for (size_t i = 0; i < COUNT(seen); i++)
        assert_true(seen[i]);
}

static const struct {
    struct text typed;
    const char *canonical;
} typed_codes[] = {
#define TYPED(literal, canonical) { { (literal), sizeof(literal) - 1 }, canonical }
    TYPED("abcde-fghjk", "abcdefghjk"),   TYPED("ABCDE FGHJK", "abcdefghjk"), TYPED("abcdefghjk", "abcdefghjk"),
    TYPED(" a-b-c-d-e\tfghjk ", "abcdefghjk"), TYPED("oOiIl-L0123", "0011110123"),
    TYPED("abcde-fghj", NULL),            TYPED("abcde-fghjkm", NULL),        TYPED("", NULL),
    TYPED("-", NULL),                     TYPED("abcde-fghju", NULL),         TYPED("abcde-fgh\0k", NULL),
    TYPED("abcde_fghjk", NULL),           TYPED("abcde-fghj\xEB", NULL),      TYPED("abcde-fghjk\n", NULL),
    { { NULL, 0 }, NULL },
};

static void recovery_codes_are_read_as_people_type_them(void **state)
{
    for (size_t i = 0; i < COUNT(typed_codes); i++) {
        struct task *t = fresh_task(state);
        struct text out;
        bool read = recovery_code_canon(t, typed_codes[i].typed, &out);

        print_message("  %.*s\n", (int)typed_codes[i].typed.length, typed_codes[i].typed.at ? typed_codes[i].typed.at : "");
        assert_int_equal(read, typed_codes[i].canonical != NULL);
        if (read)
            assert_text(out, typed_codes[i].canonical);
    }
    assert_false(recovery_code_canon(*state, repeated(*state, '0', 1000000), &(struct text){ 0 }));
}

static void what_is_stored_of_a_recovery_code(void **state)
{
    struct task *t = fresh_task(state);
    struct vault *v = vault_from_key(t, TEXT("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    struct text kept = recovery_code_digest(t, v, TEXT("abcdefghjk"));

    assert_int_equal(kept.length, 64);
    assert_true(text_equal(kept, recovery_code_digest(t, v, TEXT("abcdefghjk"))));
    assert_false(text_equal(kept, recovery_code_digest(t, v, TEXT("abcdefghjm"))));
    assert_false(text_equal(kept, recovery_code_digest(t, NULL, TEXT("abcdefghjk"))));
    assert_int_equal(recovery_code_digest(t, NULL, TEXT("abcdefghjk")).length, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(a_code_counts_once),
        cmocka_unit_test(codes_are_six_digits),
        TASK_TEST(a_seed_of_64_octets_is_one),
        TASK_TEST(what_is_no_seed_matches_nothing),
        cmocka_unit_test(absurd_times_match_nothing),
        TASK_TEST(seeds_are_random_base32),
        TASK_TEST(the_uri_is_what_applications_read),
        TASK_TEST(recovery_codes_go_out_and_come_back),
        TASK_TEST(recovery_codes_are_read_as_people_type_them),
        TASK_TEST(what_is_stored_of_a_recovery_code),
    };

    secret_start();
    return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
