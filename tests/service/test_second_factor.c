/* tests/service/test_second_factor.c - the code besides the password: asked for whenever it is set, good once, and never
 * skipped because it cannot be checked */
#include "service/world.h"

#include "model/own_account.h"
#include "model/totp.h"
#include "service/session.h"

#include <stdio.h>
#include <string.h>

#define PLAIN "plain@own.example"
#define LOG_IN(name, otp) \
    task_printf(t, "{\"username\": \"%s\", \"password\": \"" PASSWORD "\", \"otp\": \"%s\"}", name, otp).at
#define WITHOUT_CODE "{\"username\": \"" PLAIN "\", \"password\": \"" PASSWORD "\"}"
#define PROOF(otp) task_printf(t, "{\"password\": \"" PASSWORD "\", \"otp\": \"%s\"}", otp).at
#define CODE(otp) task_printf(t, "{\"otp\": \"%s\"}", otp).at
#define OWN "{\"password\": \"" PASSWORD "\"}"

static int fresh(void **state)
{
    world_reset(state);
    world_with_key(*state);
    return 0;
}

static void set_seed(struct world *w)
{
    scratch_run(w->db, "UPDATE mailbox SET totp_secret = '" SEED "' WHERE username = '" PLAIN "'");
}

static long long failures(struct world *w)
{
    return scratch_number(w->db, "SELECT COALESCE(MAX(failures), 0) FROM postreeve_throttle WHERE bucket LIKE 'account:%%'");
}

static void assert_code(struct world *w, const char *field, const char *code)
{
    const struct problem *p = task_problems(w->t);

    assert_non_null(p);
    assert_text(p->field, field);
    assert_string_equal(p->kind->code, code);
}

static void assert_log_in(struct world *w, const char *body, enum outcome wanted, const char *code)
{
    assert_int_equal(ASK(w, &nobody, "session.create", .body = body), wanted);
    assert_int_equal(w->answer.session_token.length > 0, wanted == DONE);
    if (code)
        assert_code(w, "otp", code);
    else
        assert_null(task_problems(w->t));
    if (wanted != DONE)
        assert_true(w->answer.not_before_ms > 0);
}

static void a_code_is_asked_for_once_the_password_is_right(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    set_seed(w);
    assert_log_in(w, WITHOUT_CODE, STRANGER, "otp_required");
    assert_log_in(w, LOG_IN(PLAIN, ""), STRANGER, "otp_required");
    assert_int_equal(failures(w), 0);
    assert_log_in(w, "{\"username\": \"" PLAIN "\", \"password\": \"wrong\"}", STRANGER, NULL);
    assert_log_in(w, task_printf(t, "{\"username\": \"" PLAIN "\", \"password\": \"wrong\", \"otp\": \"%s\"}",
                                 world_code(t, SEED, 0)).at, STRANGER, NULL);
    assert_int_equal(failures(w), 2);
    assert_log_in(w, LOG_IN(PLAIN, "12345"), STRANGER, "otp_wrong");
    assert_log_in(w, LOG_IN(PLAIN, world_code(t, SEED, -3)), STRANGER, "otp_wrong");
    assert_log_in(w, LOG_IN(PLAIN, world_code(t, SEED, 3)), STRANGER, "otp_wrong");
    assert_int_equal(failures(w), 5);
    assert_int_equal(log_rows(w), 0);
    assert_log_in(w, LOG_IN(PLAIN, world_code(t, SEED, 0)), DONE, NULL);
    assert_int_equal(failures(w), 0);
    task_close(t);
}

static void a_code_counts_once_and_older_ones_no_more(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const char *now = world_code(t, SEED, 0), *next = world_code(t, SEED, 1), *before = world_code(t, SEED, -1);

    set_seed(w);
    assert_log_in(w, LOG_IN(PLAIN, now), DONE, NULL);
    assert_log_in(w, LOG_IN(PLAIN, now), STRANGER, "otp_wrong");
    assert_log_in(w, LOG_IN(PLAIN, before), STRANGER, "otp_wrong");
    assert_log_in(w, LOG_IN(PLAIN, next), DONE, NULL);
    assert_log_in(w, LOG_IN(PLAIN, next), STRANGER, "otp_wrong");
    task_close(t);
}

static void two_accounts_of_one_name_have_two_factors(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const char *now = world_code(t, SEED, 0);

    scratch_run(w->db, "UPDATE admin SET totp_secret = '" SEED "', password = '{PLAIN}one' WHERE username = 'deputy@own.example';"
                       "UPDATE mailbox SET totp_secret = '" SEED "' WHERE username = 'deputy@own.example'");
    assert_log_in(w, LOG_IN("deputy@own.example", now), DONE, NULL);
    assert_log_in(w, task_printf(t, "{\"username\": \"deputy@own.example\", \"password\": \"one\", \"otp\": \"%s\"}", now).at,
                  DONE, NULL);
    assert_string_equal(scratch_rows(w->db, w->t, "SELECT account FROM postreeve_session ORDER BY account"), "admin\nmailbox\n");
    task_close(t);
}

/* Turns it on as people do; the codes in `codes`, one step ahead of the clock so that the current code is still unused. */
static void turn_on(struct world *w, const struct actor *who, char seed[64], char codes[RECOVERY_CODES][16])
{
    struct task *t = task_open();
    const struct factor_offer *made;
    const struct recovery_codes *shown;

    assert_int_equal(ASK(w, who, "me.offer-totp", .body = OWN), DONE);
    made = w->answer.item;
    snprintf(seed, 64, "%.*s", (int)made->secret.length, made->secret.at);
    assert_non_null(strstr(made->uri.at, seed));
    assert_int_equal(ASK(w, who, "me.confirm-totp", .body = CODE(world_code(t, seed, -1))), DONE);
    shown = w->answer.item;
    assert_int_equal(shown->codes.count, RECOVERY_CODES);
    for (size_t i = 0; i < RECOVERY_CODES; i++)
        snprintf(codes[i], 16, "%.*s", (int)shown->codes.items[i].length, shown->codes.items[i].at);
    task_close(t);
}

static void assert_state(struct world *w, const struct actor *who, bool enabled, bool offered, int64_t codes)
{
    const struct factor_state *s;

    assert_int_equal(ASK(w, who, "me.second-factor"), DONE);
    s = w->answer.item;
    assert_int_equal(s->enabled, enabled);
    assert_int_equal(s->offered, offered);
    assert_int_equal(s->recovery_codes, codes);
}

static void it_counts_once_its_owner_has_shown_a_code(void **state)
{
    const struct actor *const both[] = { &user, &dora };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(both); i++) {
        struct task *t = task_open();
        const char *name = task_c_string(t, both[i]->username);
        char seed[64], codes[RECOVERY_CODES][16];

        fresh(state);
        assert_state(w, both[i], false, false, 0);
        assert_int_equal(ASK(w, both[i], "me.offer-totp", .body = OWN), DONE);
        assert_state(w, both[i], false, true, 0);
        assert_int_equal(ASK(w, both[i], "me.confirm-totp", .body = CODE("000000")), INVALID);
        assert_code(w, "otp", "otp_wrong");
        assert_log_in(w, LOG_IN(name, ""), DONE, NULL); /* not yet */
        turn_on(w, both[i], seed, codes);
        assert_state(w, both[i], true, false, RECOVERY_CODES);
        assert_log_in(w, LOG_IN(name, ""), STRANGER, "otp_required");
        assert_log_in(w, LOG_IN(name, world_code(t, seed, -1)), STRANGER, "otp_wrong"); /* it has confirmed */
        assert_log_in(w, LOG_IN(name, world_code(t, seed, 0)), DONE, NULL);
        assert_string_equal(world_places_with(w, t, seed, NULL), "");
        assert_string_equal(world_places_with(w, t, codes[0], NULL), "");
        task_close(t);
    }
}

static void turning_it_on_ends_the_other_sessions(void **state)
{
    struct world *w = *state;
    struct actor me = user;
    struct task *t = task_open();
    char seed[64], codes[RECOVERY_CODES][16], token[64];

    assert_log_in(w, WITHOUT_CODE, DONE, NULL);
    assert_log_in(w, WITHOUT_CODE, DONE, NULL);
    snprintf(token, sizeof token, "%.*s", (int)w->answer.session_token.length, w->answer.session_token.at);
    assert_int_equal(session_identify(&w->service, t, text_of(token), &me), DONE);
    turn_on(w, &me, seed, codes);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), 1);
    task_close(t);
}

static void a_recovery_code_opens_once(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    char seed[64], codes[RECOVERY_CODES][16];

    turn_on(w, &user, seed, codes);
    assert_log_in(w, LOG_IN(PLAIN, codes[3]), DONE, NULL);
    assert_log_in(w, LOG_IN(PLAIN, codes[3]), STRANGER, "otp_wrong");
    assert_state(w, &user, true, false, RECOVERY_CODES - 1);
    for (char *c = codes[4]; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c == '-' ? ' ' : *c;
    assert_log_in(w, LOG_IN(PLAIN, codes[4]), DONE, NULL);
    assert_int_equal(ASK(w, &user, "me.new-recovery-codes", .body = CODE(codes[5])), DONE);
    assert_state(w, &user, true, false, RECOVERY_CODES);
    assert_log_in(w, LOG_IN(PLAIN, codes[6]), STRANGER, "otp_wrong"); /* of before */
    task_close(t);
}

static void who_can_not_be_checked_does_not_come_in(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const struct vault *right = w->config.vault;
    char seed[64], codes[RECOVERY_CODES][16];

    turn_on(w, &user, seed, codes);
    w->config.vault = vault_from_key(t, repeated(t, 'b', VAULT_KEY_DIGITS));
    assert_log_in(w, LOG_IN(PLAIN, world_code(t, seed, 0)), RETRY, NULL);
    w->config.vault = NULL;
    assert_log_in(w, LOG_IN(PLAIN, world_code(t, seed, 0)), RETRY, NULL);
    w->config.vault = right;
    /* another account's sealed seed does not open here */
    scratch_run(w->db, "UPDATE mailbox m JOIN mailbox p ON p.username = '" PLAIN "' SET m.totp_secret = p.totp_secret"
                       " WHERE m.username = 'plain@other.example'");
    assert_log_in(w, LOG_IN("plain@other.example", world_code(t, seed, 0)), RETRY, NULL);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), 0);
    assert_log_in(w, LOG_IN(PLAIN, world_code(t, seed, 0)), DONE, NULL);
    task_close(t);
}

static void without_a_key_file_there_is_none(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    w->config.vault = NULL;
    assert_int_equal(ASK(w, &user, "me.offer-totp", .body = OWN), INVALID);
    assert_code(w, "totp", "no_secret_key");
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_second_factor"), 0);
    set_seed(w); /* Postfix Admin's own */
    assert_log_in(w, LOG_IN(PLAIN, world_code(t, SEED, 0)), DONE, NULL);
    task_close(t);
}

static void what_stands_against_it(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    assert_int_equal(ASK(w, &user, "me.confirm-totp", .body = CODE("123456")), CONFLICT);
    assert_code(w, "otp", "otp_not_offered");
    world_offer(w, "mailbox", PLAIN);
    scratch_run(w->db, "UPDATE postreeve_second_factor SET offered_at = NOW() - INTERVAL 901 SECOND");
    assert_int_equal(ASK(w, &user, "me.confirm-totp", .body = CODE(world_code(t, SEED, 0))), CONFLICT);
    assert_code(w, "otp", "otp_not_offered");
    assert_int_equal(ASK(w, &user, "me.disable-totp", .body = PROOF("123456")), CONFLICT);
    assert_code(w, "totp", "second_factor_off");
    assert_int_equal(ASK(w, &user, "me.new-recovery-codes", .body = CODE("123456")), CONFLICT);
    set_seed(w);
    assert_int_equal(ASK(w, &user, "me.offer-totp", .body = OWN), CONFLICT);
    assert_code(w, "totp", "second_factor_on");
    world_offer(w, "mailbox", PLAIN);
    assert_int_equal(ASK(w, &user, "me.confirm-totp", .body = CODE(world_code(t, SEED, 0))), CONFLICT);
    assert_int_equal(failures(w), 0);
    assert_int_equal(ASK(w, &user, "me.offer-totp", .body = "{\"password\": \"wrong\"}"), INVALID);
    assert_code(w, "password", "wrong_password");
    assert_int_equal(failures(w), 1);
    task_close(t);
}

static void turning_it_off_takes_password_and_code(void **state)
{
    struct world *w = *state;
    struct throttle_settings usual = w->config.throttle;
    struct task *t = task_open();

    set_seed(w);
    assert_int_equal(ASK(w, &user, "me.disable-totp", .body = PROOF("000000")), INVALID);
    assert_code(w, "otp", "otp_wrong");
    assert_int_equal(ASK(w, &user, "me.disable-totp",
                         .body = task_printf(t, "{\"password\": \"wrong\", \"otp\": \"%s\"}", world_code(t, SEED, 0)).at), INVALID);
    assert_code(w, "password", "wrong_password");
    assert_int_equal(failures(w), 2);
    w->config.throttle = (struct throttle_settings){ 2, 99, 99, 99, 900 };
    assert_int_equal(ASK(w, &user, "me.disable-totp", .body = PROOF(world_code(t, SEED, 0))), BUSY);
    w->config.throttle = usual;
    assert_int_equal(ASK(w, &user, "me.disable-totp", .body = PROOF(world_code(t, SEED, 0))), DONE);
    assert_log_in(w, WITHOUT_CODE, DONE, NULL);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox WHERE totp_secret IS NOT NULL"), 0);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_recovery_code"), 0);
    task_close(t);
}

/* Sessions end, and nothing is kept by which the lost factor could come back. */
static void others_can_take_it_off(void **state)
{
    static const struct { struct ask ask; const char *set; } resets[] = {
        { { &dora, "mailbox.reset-totp", .key = PLAIN },
          "UPDATE mailbox SET totp_secret = '" SEED "' WHERE username = '" PLAIN "'" },
        { { &super, "admin.reset-totp", .key = "dora@own.example" },
          "UPDATE admin SET totp_secret = '" SEED "' WHERE username = 'dora@own.example'" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(resets); i++) {
        struct task *t = task_open();

        fresh(state);
        scratch_run(w->db, "%s", resets[i].set);
        assert_log_in(w, LOG_IN(resets[i].ask.key, world_code(t, SEED, 0)), DONE, NULL);
        assert_int_equal(world_ask(w, &resets[i].ask), DONE);
        assert_int_equal(w->answer.undo, 0);
        assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_image"), 0);
        assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), 0);
        assert_log_in(w, LOG_IN(resets[i].ask.key, ""), DONE, NULL);
        task_close(t);
    }
}

static void lists_say_who_has_one(void **state)
{
    struct world *w = *state;

    set_seed(w);
    assert_int_equal(ASK(w, &dora, "mailbox.show", .key = PLAIN), DONE);
    assert_true(((const struct mailbox *)w->answer.item)->second_factor);
    assert_int_equal(ASK(w, &dora, "mailbox.show", .key = "deputy@own.example"), DONE);
    assert_false(((const struct mailbox *)w->answer.item)->second_factor);
    assert_int_equal(ASK(w, &dora, "mailbox.update", .key = PLAIN, .body = "{\"second_factor\": false}"), INVALID);
    scratch_run(w->db, "UPDATE admin SET totp_secret = '' WHERE username = 'dora@own.example'");
    assert_int_equal(ASK(w, &super, "admin.show", .key = "dora@own.example"), DONE);
    assert_false(((const struct admin *)w->answer.item)->second_factor);
}

/* A new account of that name begins without anything of the former one. */
static void nothing_is_left_of_a_deleted_account(void **state)
{
    static const struct ask deletions[] = {
        { &dora, "mailbox.delete", .key = PLAIN },
        { &super, "domain.delete", .key = "own.example" },
        { &super, "admin.delete", .key = "dora@own.example" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(deletions); i++) {
        char seed[64], codes[RECOVERY_CODES][16];

        fresh(state);
        scratch_run(w->db, "DELETE FROM alias_domain");
        turn_on(w, i == 2 ? &dora : &user, seed, codes);
        scratch_run(w->db, "INSERT INTO postreeve_log_in (account, username, at, success)"
                           " SELECT account, username, NOW(), 1 FROM postreeve_second_factor");
        assert_int_equal(world_ask(w, &deletions[i]), DONE);
        assert_int_equal(scratch_number(w->db, "SELECT (SELECT COUNT(*) FROM postreeve_second_factor)"
                                               " + (SELECT COUNT(*) FROM postreeve_recovery_code)"
                                               " + (SELECT COUNT(*) FROM postreeve_log_in)"), 0);
    }
}

static void it_goes_along_with_the_address(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const struct vault *right = w->config.vault;
    char seed[64], codes[RECOVERY_CODES][16];

    turn_on(w, &user, seed, codes);
    w->config.vault = NULL; /* it could not be opened any more */
    assert_int_equal(ASK(w, &dora, "mailbox.rename", .key = PLAIN, .body = "{\"local_part\": \"new\"}"), RETRY);
    w->config.vault = right;
    assert_int_equal(ASK(w, &dora, "mailbox.rename", .key = PLAIN, .body = "{\"local_part\": \"new\"}"), DONE);
    assert_log_in(w, LOG_IN("new@own.example", ""), STRANGER, "otp_required");
    assert_log_in(w, LOG_IN("new@own.example", world_code(t, seed, 0)), DONE, NULL);
    assert_log_in(w, LOG_IN("new@own.example", codes[0]), DONE, NULL);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_recovery_code WHERE username = '" PLAIN "'"), 0);
    task_close(t);
}

#define FRESH(it) cmocka_unit_test_setup(it, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_code_is_asked_for_once_the_password_is_right),
        FRESH(a_code_counts_once_and_older_ones_no_more),
        FRESH(two_accounts_of_one_name_have_two_factors),
        FRESH(it_counts_once_its_owner_has_shown_a_code),
        FRESH(turning_it_on_ends_the_other_sessions),
        FRESH(a_recovery_code_opens_once),
        FRESH(who_can_not_be_checked_does_not_come_in),
        FRESH(without_a_key_file_there_is_none),
        FRESH(what_stands_against_it),
        FRESH(turning_it_off_takes_password_and_code),
        FRESH(others_can_take_it_off),
        FRESH(lists_say_who_has_one),
        FRESH(nothing_is_left_of_a_deleted_account),
        FRESH(it_goes_along_with_the_address),
    };

    return cmocka_run_group_tests_name("second factor", tests, world_open, world_close);
}
