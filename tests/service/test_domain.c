/* tests/service/test_domain.c - domains and alias domains: what may be made, changed and deleted, and what is left */
#include "service/world.h"

#include <stdio.h>

#define ALIAS(address, list) \
    "INSERT INTO alias (address, goto, domain) VALUES ('" address "', '" list "', SUBSTRING_INDEX('" address "', '@', -1))"
#define DOMAIN_ROW                                                                                              \
    "SELECT domain, description, active, mailboxes, aliases, maxquota, maxquota_bytes, quota, quota_bytes,"     \
    " transport, backupmx FROM domain WHERE domain LIKE 'new%'"

static const struct play domains[] = {
    { "a domain with nothing said", NULL, { &super, "domain.create", .body = "{\"domain\": \"new.example\"}" }, DONE,
      NULL, NULL, DOMAIN_ROW, "new.example||1|0|0|0|0|0|0|virtual|0\n" },
    { "a domain with all said", NULL,
      { &super, "domain.create",
        .body = "{\"domain\": \"New.Example\", \"description\": \"はじめ\", \"active\": false, \"mailbox_limit\": 5,"
                " \"alias_limit\": 0, \"mailbox_quota_max_bytes\": 1073741824, \"quota_bytes\": 0,"
                " \"transport\": \"smtp:[mx.example]:25\", \"backup_mx\": true}" },
      DONE, NULL, NULL, DOMAIN_ROW, "new.example|はじめ|0|5|-1|1049|1073741824|-1|-1|smtp:[mx.example]:25|1\n" },
    { "an IDN", NULL, { &super, "domain.create", .body = "{\"domain\": \"例え.テスト\"}" }, DONE, NULL, NULL,
      "SELECT domain FROM domain WHERE domain LIKE 'xn--%'", "xn--r8jz45g.xn--zckzah\n" },
    { "a domain that is there", NULL, { &super, "domain.create", .body = "{\"domain\": \"own.example\"}" }, CONFLICT,
      "taken", "domain", NULL, NULL },
    { "a domain that is there, in upper case", NULL, { &super, "domain.create", .body = "{\"domain\": \"OWN.EXAMPLE\"}" },
      CONFLICT, "taken", "domain", NULL, NULL },
    { "null is the default", "UPDATE domain SET mailboxes = 5, description = 'x', transport = 'smtp:'",
      { &super, "domain.update", .key = "own.example",
        .body = "{\"mailbox_limit\": null, \"description\": null, \"transport\": null}" },
      DONE, NULL, NULL, "SELECT mailboxes, description, transport FROM domain WHERE domain = 'own.example'",
      "0||virtual\n" },
    { "what is not said stays", "UPDATE domain SET mailboxes = 5, maxquota = 7, description = 'x', backupmx = 1",
      { &super, "domain.update", .key = "own.example", .body = "{\"alias_limit\": 9}" }, DONE, NULL, NULL,
      "SELECT mailboxes, aliases, maxquota, description, backupmx FROM domain WHERE domain = 'own.example'",
      "5|9|7|x|1\n" },
    { "a limit below what is there", NULL,
      { &super, "domain.update", .key = "own.example", .body = "{\"mailbox_limit\": 1, \"quota_bytes\": 1}" }, DONE, NULL,
      NULL, "SELECT mailboxes, quota FROM domain WHERE domain = 'own.example'", "1|1\n" },
    { "switching off touches the domain alone", NULL,
      { &super, "domain.update", .key = "own.example", .body = "{\"active\": false}" }, DONE, NULL, NULL,
      "SELECT active, (SELECT SUM(active) FROM mailbox WHERE domain = 'own.example') FROM domain"
      " WHERE domain = 'own.example'", "0|3\n" },
    { "a domain that is not there", NULL, { &super, "domain.update", .key = "none.example", .body = "{}" }, MISSING, NULL,
      NULL, NULL, NULL },
    { "deleting the target of an alias domain", NULL, { &super, "domain.delete", .key = "own.example" }, CONFLICT,
      "is_alias_target", "domain", NULL, NULL },
    { "deleting an alias domain as the domain it is", NULL, { &super, "domain.delete", .key = "own-alias.example" }, DONE,
      NULL, NULL, "SELECT COUNT(*) FROM alias_domain WHERE alias_domain = 'own-alias.example'", "0\n" },
    { "deleting what is not there", NULL, { &super, "domain.delete", .key = "none.example" }, MISSING, NULL, NULL, NULL,
      NULL },
};

static void domains_follow_their_rules(void **state)
{
    world_play(*state, domains, COUNT(domains));
}

#define ALIAS_DOMAINS "SELECT alias_domain, target_domain, active FROM alias_domain WHERE alias_domain LIKE 'own%'"
#define MAKE(alias, target) .body = "{\"alias_domain\": \"" alias "\", \"target_domain\": \"" target "\"}"

static const struct play alias_domains[] = {
    { "of a domain that is there", NULL, { &dora, "alias-domain.create", MAKE("own-fresh.example", "own.example") }, DONE,
      NULL, NULL, ALIAS_DOMAINS, "own-alias.example|own.example|1\nown-fresh.example|own.example|1\n" },
    { "of a domain that comes with it", NULL, { &super, "alias-domain.create", MAKE("new.example", "own.example") }, DONE,
      NULL, NULL, "SELECT mailboxes, aliases, active FROM domain WHERE domain = 'new.example'", "-1|-1|1\n" },
    { "of a domain that only a super admin could make",
      "INSERT INTO domain_admins (username, domain) VALUES ('dora@own.example', 'new.example')",
      { &dora, "alias-domain.create", MAKE("new.example", "own.example") }, INVALID, "no_such_domain", "alias_domain",
      NULL, NULL },
    { "of itself", NULL, { &super, "alias-domain.create", MAKE("own-fresh.example", "own-fresh.example") }, INVALID,
      "same_domain", "target_domain", NULL, NULL },
    { "of what is none", NULL, { &super, "alias-domain.create", MAKE("own-fresh.example", "none.example") }, INVALID,
      "no_such_domain", "target_domain", NULL, NULL },
    { "of an alias domain", NULL, { &super, "alias-domain.create", MAKE("own-fresh.example", "own-alias.example") },
      INVALID, "is_alias_domain", "target_domain", NULL, NULL },
    { "that is a target itself", NULL, { &super, "alias-domain.create", MAKE("own.example", "other.example") }, INVALID,
      "is_alias_target", "alias_domain", NULL, NULL },
    { "that is one already", NULL, { &super, "alias-domain.create", MAKE("own-alias.example", "own.example") }, CONFLICT,
      "taken", "alias_domain", NULL, NULL },
    { "turned to another domain", NULL,
      { &super, "alias-domain.update", .key = "own-alias.example", .body = "{\"target_domain\": \"other.example\"}" },
      DONE, NULL, NULL, ALIAS_DOMAINS, "own-alias.example|other.example|1\n" },
    { "turned to itself", NULL,
      { &super, "alias-domain.update", .key = "own-alias.example", .body = "{\"target_domain\": \"own-alias.example\"}" },
      INVALID, "same_domain", "target_domain", NULL, NULL },
    { "turned to an alias domain", NULL,
      { &super, "alias-domain.update", .key = "own-alias.example", .body = "{\"target_domain\": \"other-alias.example\"}" },
      INVALID, "is_alias_domain", "target_domain", NULL, NULL },
    { "switched off", NULL,
      { &dora, "alias-domain.update", .key = "own-alias.example", .body = "{\"active\": false}" }, DONE, NULL, NULL,
      ALIAS_DOMAINS, "own-alias.example|own.example|0\n" },
    { "deleted; the domain stays", NULL, { &dora, "alias-domain.delete", .key = "own-alias.example" }, DONE, NULL, NULL,
      "SELECT domain FROM domain WHERE domain = 'own-alias.example'", "own-alias.example\n" },
    { "not there", NULL, { &super, "alias-domain.delete", .key = "own.example" }, MISSING, NULL, NULL, NULL, NULL },
};

static void alias_domains_follow_their_rules(void **state)
{
    world_play(*state, alias_domains, COUNT(alias_domains));
}

static void counts_are_what_people_would_count(void **state)
{
    struct world *w = *state;
    const struct domain *d;

    scratch_run(w->db, "INSERT INTO quota2 (username, bytes) VALUES ('plain@own.example', 5), ('chief@own.example', 6);"
                       "UPDATE mailbox SET quota = 7 WHERE username = 'chief@own.example';"
                       "UPDATE mailbox SET quota = -1 WHERE username = 'plain@own.example';"
                       "INSERT INTO alias (address, goto, domain) VALUES ('@own.example', 'x@y.example', 'own.example')");
    assert_int_equal(ASK(w, &dora, "domain.show", .key = "own.example"), DONE);
    d = w->answer.item;
    assert_int_equal(d->mailbox_count, 3);
    assert_int_equal(d->alias_count, 4); /* a mailbox's own row is none */
    assert_int_equal(d->quota_given_bytes, 7);
    assert_int_equal(d->usage_bytes, 11);
}

/* A row for own-fresh.example, or its mailbox, in every table that has such rows. */
static const char everywhere[] =
    "DELETE FROM alias_domain;"
    "INSERT INTO alias_domain (alias_domain, target_domain) VALUES ('own-fresh.example', 'other.example');"
    "INSERT INTO mailbox (username, password, maildir, local_part, domain)"
    " VALUES ('taro@own-fresh.example', '', 'own-fresh.example/taro/', 'taro', 'own-fresh.example');"
    "INSERT INTO alias (address, goto, domain) VALUES"
    " ('taro@own-fresh.example', 'taro@own-fresh.example', 'own-fresh.example'),"
    " ('@own-fresh.example', 'taro@own-fresh.example', 'own-fresh.example');"
    "INSERT INTO quota (username, path) VALUES ('taro@own-fresh.example', 'quota/storage');"
    "INSERT INTO quota2 (username) VALUES ('taro@own-fresh.example');"
    "INSERT INTO vacation (email, subject, body, cache, domain)"
    " VALUES ('taro@own-fresh.example', '', '', '', 'own-fresh.example');"
    "INSERT INTO vacation_notification (on_vacation, notified) VALUES ('taro@own-fresh.example', 'x@y.example');"
    "INSERT INTO mailbox_app_password (username) VALUES ('taro@own-fresh.example');"
    "INSERT INTO totp_exception_address (ip, username) VALUES ('::1', 'taro@own-fresh.example'),"
    " ('::1', 'own-fresh.example');"
    "INSERT INTO fetchmail (mailbox, src_server, src_user, src_password, src_folder, domain) VALUES"
    " ('taro@own-fresh.example', '', '', '', '', 'own-fresh.example'), ('taro@own-fresh.example', '', '', '', '', '');"
    "INSERT INTO postreeve_session (digest, username, account, created, seen)"
    " VALUES ('d', 'taro@own-fresh.example', 'mailbox', NOW(), NOW());"
    "INSERT INTO dkim (id, domain_name) VALUES (9, 'own-fresh.example');"
    "INSERT INTO dkim_signing (author, dkim_id) VALUES ('taro@own-fresh.example', 9)";

static void a_deleted_domain_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    scratch_run(w->db, everywhere);
    assert_string_not_equal(world_places_with(w, t, "own-fresh.example", "log"), "");
    assert_int_equal(ASK(w, &super, "domain.delete", .key = "own-fresh.example"), DONE);
    assert_string_equal(world_places_with(w, t, "own-fresh.example", "log"), "");
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox"), 6); /* the others' */
    assert_string_equal(scratch_row(w->db, t, "SELECT action, data, domain FROM log"),
                        "domain.delete|own-fresh.example|own-fresh.example");
    task_close(t);
}

/* Of the domain, and what is the domain's, remains. */
static void a_deleted_mailbox_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    scratch_run(w->db, everywhere);
    scratch_run(w->db, "DELETE FROM alias WHERE address LIKE '@%%'; DELETE FROM dkim_signing");
    assert_int_equal(ASK(w, &dora, "mailbox.delete", .key = "taro@own-fresh.example"), DONE);
    assert_string_equal(world_places_with(w, t, "taro@own-fresh.example", "log"), "");
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM domain WHERE domain = 'own-fresh.example'"), 1);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM totp_exception_address"), 1);
    task_close(t);
}

/* ---- the aliases that a domain begins with ---- */

static void begin_with_role_addresses(struct world *w, bool are_protected)
{
    static struct text items[3];

    items[0] = TEXT("postmaster:super@root.example");
    items[1] = TEXT("abuse:postmaster");
    items[2] = TEXT("abuse:x@y.example");
    w->config.domain = (struct domain_settings){ { items, COUNT(items) }, are_protected };
}

static void begin_with_nothing(struct world *w)
{
    w->config.domain = (struct domain_settings){ { 0 }, true };
}

#define MADE "SELECT address, goto, domain, active FROM alias WHERE domain = 'new.example' ORDER BY address"
#define ROLE_ALIAS \
    "INSERT INTO alias (address, goto, domain) VALUES ('abuse@own.example', 'x@y.example', 'own.example')"
#define OF_ROLE(who, verb_, body_) { who, verb_, .key = "abuse@own.example", .body = body_ }
#define PROTECTED DENIED, "protected_alias", "address", NULL, NULL
#define NEW_TO "{\"destinations\": [\"z@y.example\"]}"

static const struct play default_aliases[] = {
    { "unless it is said otherwise", NULL, { &super, "domain.create", .body = "{\"domain\": \"new.example\"}" }, DONE, NULL,
      NULL, MADE, "abuse@new.example|postmaster@new.example,x@y.example|new.example|1\n"
                  "postmaster@new.example|super@root.example|new.example|1\n" },
    { "even where no aliases are allowed", NULL,
      { &super, "domain.create", .body = "{\"domain\": \"new.example\", \"alias_limit\": 0}" }, DONE, NULL, NULL,
      "SELECT aliases, (SELECT COUNT(*) FROM alias a WHERE a.domain = d.domain) FROM domain d WHERE domain = 'new.example'",
      "-1|2\n" },
    { "but not against its maker's will", NULL,
      { &super, "domain.create", .body = "{\"domain\": \"new.example\", \"default_aliases\": false}" }, DONE, NULL, NULL,
      MADE, "" },
    { "nor in an alias domain, which has the other's", NULL,
      { &super, "alias-domain.create", .body = "{\"alias_domain\": \"new.example\", \"target_domain\": \"own.example\"}" },
      DONE, NULL, NULL, MADE, "" },
    { "and they are not asked for later", NULL,
      { &super, "domain.update", .key = "own.example", .body = "{\"default_aliases\": true}" }, INVALID, "read_only",
      "default_aliases", NULL, NULL },
    { "where one of them is taken", "INSERT INTO alias (address, goto, domain) VALUES ('abuse@new.example', 'x', 'new.example')",
      { &super, "domain.create", .body = "{\"domain\": \"new.example\"}" }, CONFLICT, "taken", "default_aliases", NULL, NULL },
    { "where they lead back", ALIAS("super@root.example", "abuse@new.example"),
      { &super, "domain.create", .body = "{\"domain\": \"new.example\"}" }, INVALID, "loop", "default_aliases", NULL, NULL },
    { "a domain admin sees one", ROLE_ALIAS, OF_ROLE(&dora, "alias.show", NULL), DONE, NULL, NULL, NULL, NULL },
    { "a domain admin does not change one", ROLE_ALIAS, OF_ROLE(&dora, "alias.update", NEW_TO), PROTECTED },
    { "a domain admin does not delete one", ROLE_ALIAS, OF_ROLE(&dora, "alias.delete", NULL), PROTECTED },
    { "a super admin changes one", ROLE_ALIAS, OF_ROLE(&super, "alias.update", NEW_TO), DONE, NULL, NULL, NULL, NULL },
    { "a super admin deletes one", ROLE_ALIAS, OF_ROLE(&super, "alias.delete", NULL), DONE, NULL, NULL, NULL, NULL },
    { "a domain admin changes another", NULL,
      { &dora, "alias.update", .key = "l-plain@own.example", .body = NEW_TO }, DONE, NULL, NULL, NULL, NULL },
};

static void a_domain_begins_with_its_role_addresses(void **state)
{
    struct world *w = *state;

    begin_with_role_addresses(w, true);
    world_play(w, default_aliases, COUNT(default_aliases));
    begin_with_nothing(w);
}

static void the_operator_may_leave_them_to_domain_admins(void **state)
{
    struct world *w = *state;

    begin_with_role_addresses(w, false);
    scratch_run(w->db, ROLE_ALIAS);
    assert_int_equal(ASK(w, &dora, "alias.update", .key = "abuse@own.example", .body = NEW_TO), DONE);
    assert_int_equal(ASK(w, &dora, "alias.delete", .key = "abuse@own.example"), DONE);
    begin_with_nothing(w);
}

/* A change that a super admin made is not taken back by whom it is protected from. */
static void undoing_is_no_way_round(void **state)
{
    struct world *w = *state;
    char id[32];

    begin_with_role_addresses(w, true);
    scratch_run(w->db, ROLE_ALIAS);
    assert_int_equal(ASK(w, &super, "alias.update", .key = "abuse@own.example", .body = NEW_TO), DONE);
    snprintf(id, sizeof id, "%lld", (long long)w->answer.undo);
    assert_int_equal(ASK(w, &dora, "log.undo", .key = id), DENIED);
    assert_int_equal(ASK(w, &super, "log.undo", .key = id), DONE);
    begin_with_nothing(w);
}

/* Postfix Admin hides them, and with them what is in them. */
static void a_domain_admin_sees_all_that_is_theirs(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, "UPDATE domain SET active = 0 WHERE domain = 'own.example';"
                       "UPDATE domain SET backupmx = 1 WHERE domain = 'own-fresh.example'");
    assert_int_equal(ASK(w, &dora, "domain.list"), DONE);
    assert_int_equal(w->answer.list.rows.count, 3);
    assert_int_equal(ASK(w, &dora, "domain.show", .key = "own.example"), DONE);
    assert_int_equal(ASK(w, &dora, "domain.show", .key = "own-fresh.example"), DONE);
    assert_int_equal(ASK(w, &dora, "mailbox.list", .domain = "own.example"), DONE);
    assert_int_equal(w->answer.list.rows.count, 2);
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(domains_follow_their_rules),
        WORLD_TEST(alias_domains_follow_their_rules),
        WORLD_TEST(counts_are_what_people_would_count),
        WORLD_TEST(a_domain_begins_with_its_role_addresses),
        WORLD_TEST(the_operator_may_leave_them_to_domain_admins),
        WORLD_TEST(undoing_is_no_way_round),
        WORLD_TEST(a_domain_admin_sees_all_that_is_theirs),
        WORLD_TEST(a_deleted_domain_leaves_nothing),
        WORLD_TEST(a_deleted_mailbox_leaves_nothing),
    };

    return cmocka_run_group_tests_name("domain", tests, world_open, world_close);
}
