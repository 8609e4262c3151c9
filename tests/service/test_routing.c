/* tests/service/test_routing.c - transports, sender access and sender logins: which patterns can be asked for, and who may
 * lend whose name */
#include "service/world.h"

#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define FINE DONE, NULL, NULL, NULL, NULL
#define KEPT(query, rows) DONE, NULL, NULL, query, rows

#define TRANSPORT(destination, transport) \
    { &super, "transport.create", .body = "{\"destination\": \"" destination "\", \"transport\": \"" transport "\"}" }
#define TRANSPORTS "SELECT destination, transport, active FROM postreeve_transport WHERE destination NOT LIKE 'o%'"

static const struct play transports[] = {
    { "an address", NULL, TRANSPORT("Taro@Example.NET", "smtp:[192.0.2.1]:2525"),
      KEPT(TRANSPORTS, "taro@example.net|smtp:[192.0.2.1]:2525|1\n") },
    { "a domain", NULL, TRANSPORT("Example.NET", "lmtp:unix:private/x"), KEPT(TRANSPORTS, "example.net|lmtp:unix:private/x|1\n") },
    { "what is below one", NULL, TRANSPORT(".Example.NET", "relay:"), KEPT(TRANSPORTS, ".example.net|relay:|1\n") },
    { "all the rest", NULL, TRANSPORT("*", ":[192.0.2.1]"), KEPT(TRANSPORTS, "*|:[192.0.2.1]|1\n") },
    { "an IDN", NULL, TRANSPORT(".例え.テスト", "relay:"), KEPT(TRANSPORTS, ".xn--r8jz45g.xn--zckzah|relay:|1\n") },
    { "a second time", NULL, TRANSPORT("OWN.example", "relay:"), CONFLICT, "taken", "destination", NULL, NULL },
    { "a whole domain's addresses are the domain", NULL, TRANSPORT("@example.net", "relay:"),
      REFUSED("needs_local_part", "destination") },
    { "a star within", NULL, TRANSPORT("*.example.net", "relay:"), REFUSED("bad_domain", "destination") },
    { "a dot alone", NULL, TRANSPORT(".", "relay:"), REFUSED("bad_domain", "destination") },
    { "two dots", NULL, TRANSPORT("..example.net", "relay:"), REFUSED("bad_domain", "destination") },
    { "no transport", NULL, TRANSPORT("example.net", ""), REFUSED("required", "transport") },
    { "a line's end in it", NULL, TRANSPORT("example.net", "relay:\\nsmtp:"), REFUSED("bad_character", "transport") },
    { "another map in it", NULL, TRANSPORT("example.net", "relay:x, mysql:/etc/x"),
      REFUSED("bad_transport", "transport") },
    { "switched off", NULL, { &super, "transport.update", .key = "own.example", .body = "{\"active\": false}" },
      KEPT("SELECT destination, transport, active FROM postreeve_transport", "other.example|smtp:[192.0.2.1]|1\n"
           "own.example|smtp:[192.0.2.1]|0\n") },
    { "no longer there", NULL, { &super, "transport.delete", .key = "none.example" }, MISSING, NULL, NULL, NULL, NULL },
};

static void mail_goes_where_it_is_said_to(void **state)
{
    world_play(*state, transports, COUNT(transports));
}

#define ACCESS(sender, action, reply)                                                                       \
    { &super, "sender-access.create",                                                                       \
      .body = "{\"sender\": \"" sender "\", \"action\": \"" action "\", \"reply\": \"" reply "\"}" }
#define RULES "SELECT sender, action, reply FROM postreeve_sender_access WHERE sender NOT LIKE 'o%'"

static const struct play rules[] = {
    { "an address", NULL, ACCESS("Spam@Example.NET", "REJECT", " 5.7.1 No more, thanks "),
      KEPT(RULES, "spam@example.net|REJECT|5.7.1 No more, thanks\n") },
    { "a domain", NULL, ACCESS("Example.NET", "DUNNO", ""), KEPT(RULES, "example.net|DUNNO|\n") },
    { "a local part anywhere", NULL, ACCESS("Info@", "HOLD", ""), KEPT(RULES, "info@|HOLD|\n") },
    { "without words", NULL, { &super, "sender-access.create", .body = "{\"sender\": \"a@\", \"action\": \"OK\"}" },
      KEPT(RULES, "a@|OK|\n") },
    { "a second time", NULL, ACCESS("own.example", "OK", ""), CONFLICT, "taken", "sender", NULL, NULL },
    { "a domain's addresses are the domain", NULL, ACCESS("@example.net", "OK", ""),
      REFUSED("needs_local_part", "sender") },
    { "what is below a domain is the domain's", NULL, ACCESS(".example.net", "OK", ""), REFUSED("bad_domain", "sender") },
    { "nobody", NULL, ACCESS("@", "OK", ""), REFUSED("needs_local_part", "sender") },
    { "all", NULL, ACCESS("*", "OK", ""), REFUSED("bad_domain", "sender") },
    { "an action with an argument", NULL, ACCESS("a@", "FILTER smtp:[192.0.2.1]", ""), INVALID, "too_long", "action",
      NULL, NULL },
    { "an action that is none", NULL, ACCESS("a@", "reject", ""), REFUSED("not_a_choice", "action") },
    { "a line's end in the words", NULL, ACCESS("a@", "REJECT", "x\\nOK"), REFUSED("bad_character", "reply") },
    { "words that SMTP cannot say", NULL, ACCESS("a@", "REJECT", "拒否"), REFUSED("bad_character", "reply") },
};

static void mail_is_taken_or_refused_by_its_sender(void **state)
{
    world_play(*state, rules, COUNT(rules));
}

#define LEND(who, sender, login) \
    { who, "sender-login.create", .body = "{\"sender\": \"" sender "\", \"login\": \"" login "\"}" }
#define LENT                                                                                                    \
    "SELECT sender, login, domain, login_domain, active FROM postreeve_sender_login WHERE id > 2"
#define TO_ANOTHER(who, change) { who, "sender-login.update", .key = "1", .body = change }

static const struct play lendings[] = {
    { "an alias", NULL, LEND(&dora, "L-Plain@own.example", "Deputy@own.example"),
      KEPT(LENT, "l-plain@own.example|deputy@own.example|own.example|own.example|1\n") },
    { "an address that nobody has", NULL, LEND(&dora, "any@own.example", "plain@own.example"), FINE },
    { "a domain", NULL, LEND(&dora, "@own-fresh.example", "plain@own.example"),
      KEPT(LENT, "@own-fresh.example|plain@own.example|own-fresh.example|own.example|1\n") },
    { "a domain in which a super admin is", NULL, LEND(&dora, "@own.example", "plain@own.example"), DENIED, NULL, NULL,
      NULL, NULL },
    { "... by a super admin", NULL, LEND(&super, "@own.example", "plain@own.example"), FINE },
    { "a super admin's address", NULL, LEND(&dora, "chief@own.example", "plain@own.example"), DENIED, NULL, NULL, NULL,
      NULL },
    { "to a super admin's", NULL, LEND(&dora, "any@own.example", "chief@own.example"), DENIED, NULL, NULL, NULL, NULL },
    { "another's address", NULL, LEND(&dora, "plain@other.example", "plain@own.example"), DENIED, NULL, NULL, NULL, NULL },
    { "to another's mailbox", NULL, LEND(&dora, "plain@own.example", "plain@other.example"), DENIED, NULL, NULL, NULL,
      NULL },
    { "across, by a super admin", NULL, LEND(&super, "plain@own.example", "plain@other.example"), FINE },
    { "the same again", NULL, LEND(&dora, "L-PLAIN@own.example", "plain@own.example"), CONFLICT, "taken", "login", NULL,
      NULL },
    { "to an alias", NULL, LEND(&dora, "plain@own.example", "l-plain@own.example"), REFUSED("no_such_mailbox", "login") },
    { "an address elsewhere", NULL, LEND(&super, "a@example.net", "plain@own.example"),
      REFUSED("no_such_domain", "sender") },
    { "to a whole domain", NULL, LEND(&super, "plain@own.example", "@own.example"),
      REFUSED("needs_local_part", "login") },
    { "then another's", NULL, TO_ANOTHER(&dora, "{\"sender\": \"plain@other.example\"}"), DENIED, NULL, NULL, NULL, NULL },
    { "then to another's", NULL, TO_ANOTHER(&dora, "{\"login\": \"plain@other.example\"}"), DENIED, NULL, NULL, NULL,
      NULL },
    { "then to a super admin's", NULL, TO_ANOTHER(&dora, "{\"login\": \"chief@own.example\"}"), DENIED, NULL, NULL, NULL,
      NULL },
    { "then to a deputy", NULL, TO_ANOTHER(&dora, "{\"login\": \"deputy@own.example\", \"active\": false}"),
      KEPT("SELECT sender, login, active FROM postreeve_sender_login WHERE id = 1",
           "l-plain@own.example|deputy@own.example|0\n") },
    { "one that outranks by now", "UPDATE postreeve_sender_login SET login = 'chief@own.example' WHERE id = 1",
      { &dora, "sender-login.delete", .key = "1" }, DENIED, NULL, NULL, NULL, NULL },
    { "one whose login is elsewhere", "UPDATE postreeve_sender_login SET login = 'plain@other.example' WHERE id = 1",
      { &dora, "sender-login.show", .key = "1" }, DENIED, NULL, NULL, NULL, NULL },
    { "none of that number", NULL, { &dora, "sender-login.show", .key = "77" }, DENIED, NULL, NULL, NULL, NULL },
    { "none of that number, to a super admin", NULL, { &super, "sender-login.show", .key = "77" }, MISSING, NULL, NULL,
      NULL, NULL },
    { "a hundred", "INSERT INTO postreeve_sender_login (sender, login, domain, login_domain, created, modified)"
      " SELECT 'any@own.example', CONCAT('m', seq, '@own.example'), 'own.example', 'own.example', NOW(), NOW()"
      " FROM seq_1_to_100", LEND(&dora, "any@own.example", "plain@own.example"), REFUSED("too_many", "sender") },
    { "a mailbox takes its log-ins along", NULL, { &dora, "mailbox.delete", .key = "plain@own.example" },
      KEPT("SELECT id FROM postreeve_sender_login", "2\n") },
    { "a domain, too", NULL, { &super, "domain.delete", .key = "own-alias.example" },
      KEPT("SELECT id FROM postreeve_sender_login", "1\n2\n") },
};

static void names_are_lent_by_those_whose_they_are(void **state)
{
    world_play(*state, lendings, COUNT(lendings));
}

static void lists_show_what_is_theirs_alone(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, "INSERT INTO postreeve_sender_login (sender, login, domain, login_domain, created, modified) VALUES"
                       " ('a@own.example', 'plain@other.example', 'own.example', 'other.example', NOW(), NOW()),"
                       " ('b@own.example', 'chief@own.example', 'own.example', 'own.example', NOW(), NOW()),"
                       " ('chief@own.example', 'plain@own.example', 'own.example', 'own.example', NOW(), NOW())");
    assert_int_equal(ASK(w, &dora, "sender-login.list", .page = { .total = true }), DONE);
    assert_int_equal(w->answer.list.rows.count, 1);
    assert_int_equal(w->answer.list.total, 1);
    assert_int_equal(ASK(w, &super, "sender-login.list"), DONE);
    assert_int_equal(w->answer.list.rows.count, 5);
    assert_int_equal(ASK(w, &dora, "sender-login.list", .page = { .search = TEXT("chief") }), DONE);
    assert_int_equal(w->answer.list.rows.count, 0);
    assert_int_equal(ASK(w, &super, "sender-login.list", .page = { .limit = 2 }), DONE);
    assert_true(w->answer.list.next.at != NULL);
}

static enum outcome undo_newest(struct world *w, const struct actor *who)
{
    struct task *t = task_open();
    const char *id = task_printf(t, "%lld", scratch_number(w->db, "SELECT MAX(id) FROM log")).at;
    enum outcome o = ASK(w, who, "log.undo", .key = id);

    task_close(t);
    return o;
}

/* What an undo would bring back may have become somebody else's meanwhile. The log, which knows of changes by the
 * product alone, does not say so. */
static void what_came_meanwhile_stays(void **state)
{
    static const struct { const char *what; struct ask change; const char *meanwhile; enum outcome outcome; } cases[] = {
        { "a lending", { &dora, "sender-login.delete", .key = "1" }, "SELECT 1", DONE },
        { "lent again", { &dora, "sender-login.delete", .key = "1" },
          "INSERT INTO postreeve_sender_login VALUES (77, 'l-plain@own.example', 'plain@own.example', 'own.example',"
          " 'own.example', '', 1, NOW(), NOW())", CONFLICT },
        { "to somebody who is gone", { &dora, "sender-login.delete", .key = "1" },
          "DELETE FROM mailbox WHERE username = 'plain@own.example'", INVALID },
        { "to somebody who outranks by now", { &dora, "sender-login.delete", .key = "1" },
          "INSERT INTO admin (username, password, superadmin) VALUES ('plain@own.example', 'x', 1)", DENIED },
        { "a job", { &dora, "fetchmail.delete", .key = "1" }, "SELECT 1", DONE },
        { "a job of a mailbox that is gone", { &dora, "fetchmail.delete", .key = "1" },
          "DELETE FROM mailbox WHERE username = 'plain@own.example'", INVALID },
        { "a job of another's domain by now", { &dora, "fetchmail.delete", .key = "1" },
          "DELETE FROM domain_admins WHERE username = 'dora@own.example'", DENIED },
        { "a relay", { &super, "relay.delete", .key = "own" }, "SELECT 1", DONE },
        { "a relay whose mail another has", { &super, "relay.delete", .key = "own" },
          "UPDATE postreeve_relay SET scope = '@own.example' WHERE name = 'other'", CONFLICT },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = task_open();
        const char *before, *tables = "postreeve_relay,postreeve_sender_login,fetchmail";

        print_message("  %s\n", cases[i].what);
        world_reset(state);
        assert_int_equal(world_ask(w, &cases[i].change), DONE);
        scratch_run(w->db, "%s", cases[i].meanwhile);
        before = scratch_content(w->db, t, tables);
        assert_int_equal(undo_newest(w, cases[i].change.as), cases[i].outcome);
        if (cases[i].outcome != DONE)
            assert_string_equal(scratch_content(w->db, t, tables), before);
        task_close(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(mail_goes_where_it_is_said_to, world_reset),
        cmocka_unit_test_setup(mail_is_taken_or_refused_by_its_sender, world_reset),
        cmocka_unit_test_setup(names_are_lent_by_those_whose_they_are, world_reset),
        cmocka_unit_test_setup(lists_show_what_is_theirs_alone, world_reset),
        cmocka_unit_test_setup(what_came_meanwhile_stays, world_reset),
    };

    return cmocka_run_group_tests_name("service/routing", tests, world_open, world_close);
}
