/* tests/model/test_vault.c - what is sealed opens where it belongs, and nowhere else */
#include "support/support.h"

#include "model/vault.h"

#include <string.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER_KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e20"
#define CONTEXT TEXT("relay/7")

/* By another hand: BLAKE2b, HChaCha20 and ChaCha20-Poly1305 put together in Python as libsodium documents them, under
 * KEY and CONTEXT. What is stored today has to open in years. */
#define YESTERDAYS "{SODIUM}6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/1BvqnMeDQXLrnFKP27A4vy79nZIcxO2bDOGvrl6XMjh77ko="
#define YESTERDAYS_SUM "5a82a07edec435efe7c0dda871f9da1aed182d888d769f88bfb5b1b6b5b6253d" /* of "abc", VAULT_AUDIT */
#define YESTERDAYS_KEY_ID "0fd1bb18"

static struct vault *vault_of(struct task *t, const char *key)
{
    struct vault *v = vault_from_key(t, text_of(key));

    assert_non_null(v);
    return v;
}

static struct text sealed_of(struct task *t, const struct vault *v, struct text clear)
{
    struct text sealed;

    assert_problem(t, vault_seal(t, "password", v, VAULT_RELAY, clear, CONTEXT, &sealed), NULL);
    return sealed;
}

static void what_is_sealed_opens_again(void **state)
{
    static const struct text clears[] = {
        { "", 0 }, { "x", 1 }, { "a\0b", 3 }, { "pass word", 9 }, { "\xFF\xFE\r\n", 4 }, { "日本語", 9 },
    };

    for (size_t i = 0; i < COUNT(clears); i++) {
        struct task *t = fresh_task(state);
        struct vault *v = vault_of(t, KEY);
        struct text sealed = sealed_of(t, v, clears[i]), again = sealed_of(t, v, clears[i]), clear;

        assert_true(vault_is_sealed(sealed));
        assert_false(text_equal(sealed, again)); /* the nonce */
        assert_problem(t, vault_open(t, "password", v, VAULT_RELAY, sealed, CONTEXT, &clear), NULL);
        assert_true(text_equal(clear, clears[i]));
        assert_problem(t, vault_open(t, "password", v, VAULT_RELAY, again, CONTEXT, &clear), NULL);
        assert_true(text_equal(clear, clears[i]));
    }
}

static void sealed_values_fit_their_columns(void **state)
{
    struct task *t = fresh_task(state);
    struct vault *v = vault_of(t, KEY);
    struct text sealed = sealed_of(t, v, repeated(t, 'p', VAULT_CLEAR_MAX)), clear;

    assert_int_equal(sealed.length, VAULT_SEALED_MAX);
    assert_problem(t, vault_open(t, "password", v, VAULT_RELAY, sealed, CONTEXT, &clear), NULL);
    assert_int_equal(clear.length, VAULT_CLEAR_MAX);
    assert_problem(t, vault_seal(t, "password", v, VAULT_RELAY, repeated(t, 'p', VAULT_CLEAR_MAX + 1), CONTEXT, &sealed),
                   "too_long");
    assert_figure(t, "max", VAULT_CLEAR_MAX);
}

static void events_may_be_long(void **state)
{
    struct task *t = fresh_task(state);
    struct vault *v = vault_of(t, KEY);
    struct text sealed, clear;

    assert_problem(t, vault_seal(t, "event", v, VAULT_EVENT, repeated(t, 'e', VAULT_EVENT_MAX), CONTEXT, &sealed), NULL);
    assert_problem(t, vault_open(t, "event", v, VAULT_EVENT, sealed, CONTEXT, &clear), NULL);
    assert_int_equal(clear.length, VAULT_EVENT_MAX);
    assert_problem(t, vault_seal(t, "event", v, VAULT_EVENT, repeated(t, 'e', VAULT_EVENT_MAX + 1), CONTEXT, &sealed),
                   "too_long");
}

static void yesterdays_value_opens(void **state)
{
    struct task *t = fresh_task(state);
    struct text clear;

    assert_problem(t, vault_open(t, "password", vault_of(t, KEY), VAULT_RELAY, TEXT(YESTERDAYS), CONTEXT, &clear), NULL);
    assert_text(clear, "smart-host-password");
}

static void nothing_opens_elsewhere(void **state)
{
    static const struct {
        const char *key, *context;
        enum vault_purpose purpose;
    } cases[] = {
        { OTHER_KEY, "relay/7", VAULT_RELAY }, { KEY, "relay/8", VAULT_RELAY },    { KEY, "", VAULT_RELAY },
        { KEY, "relay/77", VAULT_RELAY },      { KEY, "relay/7", VAULT_FETCHMAIL }, { KEY, "relay/7", VAULT_EVENT },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct text sealed = sealed_of(t, vault_of(t, KEY), TEXT("secret")), clear = { NULL, 0 };

        print_message("  %s %s %d\n", cases[i].key, cases[i].context, (int)cases[i].purpose);
        assert_problem(t, vault_open(t, "password", vault_of(t, cases[i].key), cases[i].purpose, sealed,
                                     text_of(cases[i].context), &clear), "cannot_unseal");
        assert_text(clear, NULL);
    }
}

/* Each octet changed by each of a few bits, and each beginning: none may open, none may read where it should not. */
static void a_damaged_value_does_not_open(void **state)
{
    struct task *outer = task_open();
    struct text sealed = task_copy(outer, TEXT(YESTERDAYS)); /* has slashes: base64 libraries err there */

    for (size_t i = 0; i < sealed.length; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct task *t = fresh_task(state);
            char *at = task_c_string(t, sealed);
            struct text clear;

            at[i] = (char)(at[i] ^ (1 << bit));
            assert_problem(t, vault_open(t, "x", vault_of(t, KEY), VAULT_RELAY, (struct text){ at, sealed.length },
                                         CONTEXT, &clear), "cannot_unseal");
        }
    for (size_t length = 0; length < sealed.length; length++) {
        struct task *t = fresh_task(state);
        struct text clear;

        assert_problem(t, vault_open(t, "x", vault_of(t, KEY), VAULT_RELAY, text_part(sealed, 0, length), CONTEXT,
                                     &clear), "cannot_unseal");
    }
    task_close(outer);
}

static void what_was_never_sealed_does_not_open(void **state)
{
    static const struct text wrong[] = {
        { NULL, 0 }, { "", 0 }, { "secret", 6 }, { "{SODIUM}", 8 }, { "{SODIUM}AAAA", 12 }, { "{sodium}AAAA", 12 },
        { "{SODIUM}A", 9 }, { "{SODIUM}\0\0\0\0", 12 }, { "{SODIUM}\xFF\xFF\xFF\xFF", 12 }, { "{CLEARTEXT}x", 12 },
    };
    struct task *t = fresh_task(state);
    struct vault *v = vault_of(t, KEY);
    struct text clear;

    for (size_t i = 0; i < COUNT(wrong); i++) {
        task_forget_problems(t);
        assert_problem(t, vault_open(t, "x", v, VAULT_RELAY, wrong[i], CONTEXT, &clear), "cannot_unseal");
    }
    task_forget_problems(t);
    assert_problem(t, vault_open(t, "x", v, VAULT_RELAY, task_join(t, TEXT("{SODIUM}"), repeated(t, 'A', 1000000)),
                                 CONTEXT, &clear), "cannot_unseal");
}

static void without_a_key_nothing_is_sealed(void **state)
{
    struct task *t = fresh_task(state);
    struct text out;

    assert_problem(t, vault_seal(t, "password", NULL, VAULT_RELAY, TEXT("x"), CONTEXT, &out), "no_secret_key");
    t = fresh_task(state);
    assert_problem(t, vault_open(t, "password", NULL, VAULT_RELAY, TEXT("{SODIUM}x"), CONTEXT, &out), "no_secret_key");
}

static void keys_are_64_digits(void **state)
{
#define ITEM(literal) { (literal), sizeof(literal) - 1 }
    static const struct text wrong[] = {
        { NULL, 0 }, { "", 0 }, ITEM("00"), ITEM(KEY "0"), ITEM(KEY "00"), ITEM(" " KEY),
        ITEM("g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        ITEM("0001020304050607\00090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        ITEM("00:1020304050607:8090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    };
    struct task *t = fresh_task(state);

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_null(vault_from_key(t, wrong[i]));
    assert_text(vault_key_id(vault_of(t, "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")),
                vault_key_id(vault_of(t, KEY)).at);
}

static void sums_depend_on_key_and_purpose(void **state)
{
    struct task *t = fresh_task(state);
    struct vault *v = vault_of(t, KEY), *other = vault_of(t, OTHER_KEY);
    struct text sum = vault_mac(t, v, VAULT_AUDIT, TEXT("abc"));

    assert_text(sum, YESTERDAYS_SUM);
    assert_false(text_equal(sum, vault_mac(t, v, VAULT_AUDIT, TEXT("abd"))));
    assert_false(text_equal(sum, vault_mac(t, v, VAULT_EVENT, TEXT("abc"))));
    assert_false(text_equal(sum, vault_mac(t, other, VAULT_AUDIT, TEXT("abc"))));
    /* FIPS 180-2, appendix B.1 */
    assert_text(vault_mac(t, NULL, VAULT_AUDIT, TEXT("abc")),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(vault_mac(t, v, VAULT_AUDIT, TEXT("")).length, 64);

    assert_text(vault_key_id(v), YESTERDAYS_KEY_ID);
    assert_false(text_equal(vault_key_id(v), vault_key_id(other)));
    assert_text(vault_key_id(NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(what_is_sealed_opens_again),
        TASK_TEST(sealed_values_fit_their_columns),
        TASK_TEST(events_may_be_long),
        TASK_TEST(yesterdays_value_opens),
        TASK_TEST(nothing_opens_elsewhere),
        TASK_TEST(a_damaged_value_does_not_open),
        TASK_TEST(what_was_never_sealed_does_not_open),
        TASK_TEST(without_a_key_nothing_is_sealed),
        TASK_TEST(keys_are_64_digits),
        TASK_TEST(sums_depend_on_key_and_purpose),
    };

    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
