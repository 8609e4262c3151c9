/* tests/service/test_access.c - how an account is come into: passwords that are generated, recovery addresses, and a frozen
 * mailbox, which opens for nobody until it is given back as it was */
#include "service/world.h"

#include "model/password.h"
#include "service/session.h"

#include <string.h>

#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define UPDATE(body_) { &dora, "mailbox.update", .key = "plain@own.example", .body = body_ }
#define RECOVERY "SELECT email_other FROM mailbox WHERE username = 'plain@own.example'"
#define SMTP "SELECT active, smtp_active FROM mailbox WHERE username = 'plain@own.example'"

static const struct play fields[] = {
    { "sending switched off alone", NULL, UPDATE("{\"smtp_active\": false}"), DONE, NULL, NULL, SMTP, "1|0\n" },
    { "and on again", "UPDATE mailbox SET smtp_active = 0", UPDATE("{\"smtp_active\": true}"), DONE, NULL, NULL, SMTP,
      "1|1\n" },
    { "any other change leaves it", "UPDATE mailbox SET smtp_active = 0", UPDATE("{\"display_name\": \"x\"}"), DONE, NULL,
      NULL, SMTP, "1|0\n" },
    { "an address for recovery", NULL, UPDATE("{\"recovery_address\": \"Taro@Elsewhere.example\"}"), DONE, NULL, NULL,
      RECOVERY, "taro@elsewhere.example\n" },
    { "none any more", "UPDATE mailbox SET email_other = 'x@y.example'", UPDATE("{\"recovery_address\": \"\"}"), DONE, NULL,
      NULL, RECOVERY, "\n" },
    { "null is none, too", "UPDATE mailbox SET email_other = 'x@y.example'", UPDATE("{\"recovery_address\": null}"), DONE,
      NULL, NULL, RECOVERY, "\n" },
    { "its own address, where nobody could read how to get in", NULL, UPDATE("{\"recovery_address\": \"PLAIN@own.example\"}"),
      REFUSED("self_destination", "recovery_address") },
    { "no address", NULL, UPDATE("{\"recovery_address\": \"taro\"}"), REFUSED("needs_at", "recovery_address") },
    { "an admin's", NULL,
      { &super, "admin.update", .key = "dora@own.example", .body = "{\"recovery_address\": \"dora@elsewhere.example\"}" }, DONE,
      NULL, NULL, "SELECT email_other FROM admin WHERE username = 'dora@own.example'", "dora@elsewhere.example\n" },
    { "a password typed and generated", NULL, UPDATE("{\"password\": \"another staple 2\", \"generate_password\": true}"),
      REFUSED("password_not_both", "password") },
    { "no password for a change that asks for one", NULL, UPDATE("{\"password\": null}"), REFUSED("required", "password") },
    { "frozen is not to be set", NULL, UPDATE("{\"frozen\": true}"), REFUSED("read_only", "frozen") },
    { "nor what was generated", NULL, UPDATE("{\"generated_password\": \"x\"}"),
      REFUSED("read_only", "generated_password") },
    { "a mailbox needs a password from somewhere", NULL,
      { &dora, "mailbox.create", .body = "{\"address\": \"new@own.example\", \"generate_password\": false}" },
      REFUSED("required", "password") },
    { "an admin, too", NULL, { &super, "admin.create", .body = "{\"username\": \"new\"}" }, REFUSED("required", "password") },
};

static void fields_of_access(void **state)
{
    world_play(*state, fields, COUNT(fields));
}

static void owners_see_their_recovery_address(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, "UPDATE mailbox SET email_other = 'm@y.example'; UPDATE admin SET email_other = 'a@y.example'");
    assert_int_equal(ASK(w, &user, "me.show"), DONE);
    assert_text(((const struct me *)w->answer.item)->recovery_address, "m@y.example");
    assert_int_equal(ASK(w, &dora, "me.show"), DONE);
    assert_text(((const struct me *)w->answer.item)->recovery_address, "a@y.example");
}

/* ---- generated passwords ---- */

static const struct {
    struct ask ask;
    size_t offset; /* of generated_password in the answer */
    const char *hash;
} generations[] = {
    { { &dora, "mailbox.create", .body = "{\"address\": \"new@own.example\", \"generate_password\": true}" },
      offsetof(struct mailbox, generated_password), "SELECT password FROM mailbox WHERE username = 'new@own.example'" },
    { { &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"generate_password\": true}" },
      offsetof(struct mailbox, generated_password), "SELECT password FROM mailbox WHERE username = 'plain@own.example'" },
    { { &super, "admin.create", .body = "{\"username\": \"new\", \"generate_password\": true}" },
      offsetof(struct admin, generated_password), "SELECT password FROM admin WHERE username = 'new'" },
    { { &super, "admin.update", .key = "dora@own.example", .body = "{\"generate_password\": true}" },
      offsetof(struct admin, generated_password), "SELECT password FROM admin WHERE username = 'dora@own.example'" },
};

static void a_generated_password_is_shown_once(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(generations); i++) {
        struct task *t = task_open();
        const struct text *made;
        const char *clear;

        print_message("  %s\n", generations[i].ask.verb);
        world_reset(state);
        assert_int_equal(world_ask(w, &generations[i].ask), DONE);
        made = (const void *)((const char *)w->answer.item + generations[i].offset);
        assert_true(made->length >= 16);
        clear = task_c_string(t, *made);
        assert_true(password_matches(text_of(clear), text_of(scratch_row(w->db, t, "%s", generations[i].hash))));
        assert_string_equal(world_places_with(w, t, clear, NULL), ""); /* nor in the log */
        task_close(t);
    }
    assert_int_equal(ASK(w, &dora, "mailbox.show", .key = "plain@own.example"), DONE);
    assert_null(((const struct mailbox *)w->answer.item)->generated_password.at);
}

static void a_generated_password_is_as_long_as_the_policy_asks(void **state)
{
    struct world *w = *state;

    w->config.password.min_length = 40;
    assert_int_equal(world_ask(w, &generations[1].ask), DONE);
    assert_int_equal(((const struct mailbox *)w->answer.item)->generated_password.length, 40);
    w->config.password.min_length = 8;
}

/* ---- frozen ---- */

#define ALL_BUT_MODIFIED                                                                                            \
    "SELECT m.username, m.password, m.name, m.active, m.smtp_active, m.quota, a.goto, a.active, p.password_hash"     \
    " FROM mailbox m JOIN alias a ON a.address = m.username LEFT JOIN mailbox_app_password p ON p.username = m.username" \
    " ORDER BY m.username, p.id"
#define WITH_APP_PASSWORDS \
    "INSERT INTO mailbox_app_password (username, password_hash) VALUES ('plain@own.example', '$1$one')," \
    " ('plain@own.example', NULL), ('deputy@own.example', '$1$other')"
#define FREEZE(w) assert_int_equal(ASK(w, &dora, "mailbox.freeze", .key = "plain@own.example"), DONE)
#define THAW(w) assert_int_equal(ASK(w, &dora, "mailbox.thaw", .key = "plain@own.example"), DONE)

static enum outcome log_in(struct world *w)
{
    return ASK(w, &nobody, "session.create", .body = "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}");
}

static bool shown_frozen(struct world *w)
{
    assert_int_equal(ASK(w, &dora, "mailbox.show", .key = "plain@own.example"), DONE);
    return ((const struct mailbox *)w->answer.item)->frozen;
}

#define LOCKED_ROWS                                                                                          \
    "SELECT username, LEFT(password, 11) FROM mailbox WHERE password LIKE '{%'"                              \
    " UNION ALL SELECT username, password_hash FROM mailbox_app_password WHERE password_hash LIKE '{%' ORDER BY 1, 2"

static void a_frozen_mailbox_opens_for_nobody(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    scratch_run(w->db, WITH_APP_PASSWORDS);
    assert_int_equal(log_in(w), DONE);
    assert_false(shown_frozen(w));
    FREEZE(w);
    assert_true(((const struct mailbox *)w->answer.item)->frozen);
    assert_true(shown_frozen(w));
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), 0);
    assert_int_equal(log_in(w), STRANGER);
    assert_string_equal(scratch_rows(w->db, t, LOCKED_ROWS), "plain@own.example|{LOCKED}$1$\n"
                                                             "plain@own.example|{LOCKED}$1$one\n");
    task_close(t);
}

/* Who logged in while it was being frozen is out, too. */
static void a_session_that_slipped_in_is_none(void **state)
{
    struct world *w = *state;
    struct actor actor = user;
    struct text token;
    struct task *t = task_open();

    assert_int_equal(log_in(w), DONE);
    token = task_copy(t, w->answer.session_token);
    scratch_run(w->db, "UPDATE mailbox SET password = CONCAT('{LOCKED}', password) WHERE username = 'plain@own.example'");
    actor.role = ROLE_NOBODY;
    assert_int_equal(session_identify(&w->service, t, token, &actor), DONE);
    assert_int_equal(actor.role, ROLE_NOBODY);
    store_return(w->service.store, t);
    task_close(t);
}

/* Freezing or thawing once more is no other thing than once. */
static void thawing_gives_it_back_as_it_was(void **state)
{
    static const int freezes[] = { 1, 2 };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(freezes); i++) {
        struct task *t = task_open();
        const char *before;

        world_reset(state);
        scratch_run(w->db, WITH_APP_PASSWORDS);
        before = scratch_rows(w->db, t, ALL_BUT_MODIFIED);
        for (int n = 0; n < freezes[i]; n++)
            FREEZE(w);
        assert_string_not_equal(scratch_rows(w->db, t, ALL_BUT_MODIFIED), before);
        for (int n = 0; n < freezes[i]; n++)
            THAW(w);
        assert_string_equal(scratch_rows(w->db, t, ALL_BUT_MODIFIED), before);
        assert_false(shown_frozen(w));
        assert_int_equal(log_in(w), DONE);
        task_close(t);
    }
}

/* The new password counts from thawing on; whoever sets it need not know of the lock. */
static void a_password_set_meanwhile_is_locked_too(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    struct text hash;

    FREEZE(w);
    assert_int_equal(ASK(w, &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"password\": \"another staple 2\"}"),
                     DONE);
    assert_true(((const struct mailbox *)w->answer.item)->frozen);
    hash = text_of(scratch_row(w->db, t, "SELECT password FROM mailbox WHERE username = 'plain@own.example'"));
    assert_true(text_starts(hash, TEXT("{LOCKED}$1$")));
    assert_false(password_matches(TEXT("another staple 2"), hash));
    THAW(w);
    hash = text_of(scratch_row(w->db, t, "SELECT password FROM mailbox WHERE username = 'plain@own.example'"));
    assert_true(password_matches(TEXT("another staple 2"), hash));
    task_close(t);
}

static void any_other_change_leaves_the_lock(void **state)
{
    struct world *w = *state;

    FREEZE(w);
    assert_int_equal(ASK(w, &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"display_name\": \"x\"}"), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT password LIKE '{LOCKED}$1$%%' FROM mailbox"
                                           " WHERE username = 'plain@own.example'"), 1);
    THAW(w);
    assert_int_equal(log_in(w), DONE);
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(fields_of_access),
        WORLD_TEST(owners_see_their_recovery_address),
        WORLD_TEST(a_generated_password_is_shown_once),
        WORLD_TEST(a_generated_password_is_as_long_as_the_policy_asks),
        WORLD_TEST(a_frozen_mailbox_opens_for_nobody),
        WORLD_TEST(a_session_that_slipped_in_is_none),
        WORLD_TEST(thawing_gives_it_back_as_it_was),
        WORLD_TEST(a_password_set_meanwhile_is_locked_too),
        WORLD_TEST(any_other_change_leaves_the_lock),
    };

    return cmocka_run_group_tests_name("access", tests, world_open, world_close);
}
