/* tests/service/test_permit.c - every verb, by every role, in domains that are theirs and that are not, on targets of every
 * rank: what model/permit's table says is what happens, and who may not leaves no trace
 *
 * The cells come from verb_tables. A verb that has no row below fails the test, so that none can be forgotten.
 */
#include "service/world.h"

#include <string.h>

/* {d} is own or other, {i} 1 or 2 in their stead, {r} plain, deputy or chief. */
#define OWN_TOKEN "{own token}" /* world.c gives each role one, numbered as the role */

static const struct subject {
    const char *verb, *key, *domain, *body;
} subjects[] = {
    { "session.create", NULL, NULL, "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}" },
    { "session.show", NULL, NULL, NULL },
    { "session.delete", NULL, NULL, NULL },
    { "me.show", NULL, NULL, NULL },
    { "me.password", NULL, NULL, "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" },
    { "me.forward", NULL, NULL, NULL },
    { "me.set-forward", NULL, NULL, "{\"destinations\": [\"x@y.example\"], \"keep_copy\": true}" },
    { "me.second-factor", NULL, NULL, NULL },
    { "me.offer-totp", NULL, NULL, "{\"password\": \"" PASSWORD "\"}" },
    { "me.confirm-totp", NULL, NULL, "{\"otp\": \"{o}\"}" },
    { "me.disable-totp", NULL, NULL, "{\"password\": \"" PASSWORD "\", \"otp\": \"{o}\"}" },
    { "me.new-recovery-codes", NULL, NULL, "{\"otp\": \"{o}\"}" },
    { "mailbox.reset-totp", "{r}@{d}.example", NULL, NULL },
    { "admin.reset-totp", "deputy@{d}.example", NULL, NULL },
    { "app-password.list", NULL, "{d}.example", NULL },
    { "app-password.delete", "{i}", NULL, NULL },
    { "me.app-passwords", NULL, NULL, NULL },
    { "me.create-app-password", NULL, NULL, "{\"password\": \"" PASSWORD "\", \"description\": \"x\"}" },
    { "me.delete-app-password", "1", NULL, NULL },
    { "me.sessions", NULL, NULL, NULL },
    { "me.end-session", "1", NULL, NULL },
    { "me.end-other-sessions", NULL, NULL, NULL },
    { "me.log-ins", NULL, NULL, NULL },
    { "log-in.report", NULL, NULL,
      "{\"login\": \"plain@{d}.example\", \"remote\": \"192.0.2.7\", \"protocol\": \"imap\", \"success\": true}" },
    { "me.set-recovery-address", NULL, NULL,
      "{\"password\": \"" PASSWORD "\", \"recovery_address\": \"x@y.example\"}" },
    { "domain.list", NULL, NULL, NULL },
    { "domain.show", "{d}.example", NULL, NULL },
    { "domain.create", NULL, NULL, "{\"domain\": \"{d}-new.example\"}" },
    { "domain.update", "{d}.example", NULL, "{\"description\": \"x\"}" },
    { "domain.delete", "{d}-fresh.example", NULL, NULL },
    { "mailbox.list", NULL, "{d}.example", NULL },
    { "mailbox.show", "{r}@{d}.example", NULL, NULL },
    { "mailbox.create", NULL, NULL, "{\"address\": \"new-{r}@{d}.example\", \"password\": \"another staple 2\"}" },
    { "mailbox.update", "{r}@{d}.example", NULL, "{\"password\": \"another staple 2\"}" },
    { "mailbox.delete", "{r}@{d}.example", NULL, NULL },
    { "me.vacation", NULL, NULL, NULL },
    { "me.set-vacation", NULL, NULL, "{\"subject\": \"x\"}" },
    { "me.aliases", NULL, NULL, NULL },
    { "mailbox.vacation", "{r}@{d}.example", NULL, NULL },
    { "mailbox.set-vacation", "{r}@{d}.example", NULL, "{\"subject\": \"x\"}" },
    { "mailbox.rename", "{r}@{d}.example", NULL, "{\"local_part\": \"moved-{r}\"}" },
    { "mailbox.freeze", "{r}@{d}.example", NULL, NULL },
    { "mailbox.thaw", "{r}@{d}.example", NULL, NULL },
    { "alias.list", NULL, "{d}.example", NULL },
    { "alias.show", "l-{r}@{d}.example", NULL, NULL },
    { "alias.create", NULL, NULL, "{\"address\": \"new-{r}@{d}.example\", \"destinations\": [\"x@y.example\"]}" },
    { "alias.update", "l-{r}@{d}.example", NULL, "{\"destinations\": [\"x@y.example\"]}" },
    { "alias.delete", "l-{r}@{d}.example", NULL, NULL },
    { "alias-domain.list", NULL, "{d}.example", NULL },
    { "alias-domain.show", "{d}-alias.example", NULL, NULL },
    { "alias-domain.create", NULL, NULL,
      "{\"alias_domain\": \"{d}-fresh.example\", \"target_domain\": \"{d}.example\"}" },
    { "alias-domain.update", "{d}-alias.example", NULL, "{\"active\": false}" },
    { "alias-domain.delete", "{d}-alias.example", NULL, NULL },
    { "admin.list", NULL, NULL, NULL },
    { "admin.show", "deputy@{d}.example", NULL, NULL },
    { "admin.create", NULL, NULL, "{\"username\": \"third@{d}.example\", \"password\": \"another staple 2\"}" },
    { "admin.update", "deputy@{d}.example", NULL, "{\"active\": false}" },
    { "admin.delete", "deputy@{d}.example", NULL, NULL },
    { "transport.list", NULL, NULL, NULL },
    { "transport.show", "{d}.example", NULL, NULL },
    { "transport.create", NULL, NULL, "{\"destination\": \"{d}.net\", \"transport\": \"relay:\"}" },
    { "transport.update", "{d}.example", NULL, "{\"active\": false}" },
    { "transport.delete", "{d}.example", NULL, NULL },
    { "sender-access.list", NULL, NULL, NULL },
    { "sender-access.show", "{d}.example", NULL, NULL },
    { "sender-access.create", NULL, NULL, "{\"sender\": \"{d}.net\", \"action\": \"HOLD\"}" },
    { "sender-access.update", "{d}.example", NULL, "{\"active\": false}" },
    { "sender-access.delete", "{d}.example", NULL, NULL },
    { "sender-login.list", NULL, "{d}.example", NULL },
    { "sender-login.show", "{i}", NULL, NULL },
    { "sender-login.create", NULL, NULL,
      "{\"sender\": \"l-plain@{d}.example\", \"login\": \"deputy@{d}.example\"}" },
    { "sender-login.update", "{i}", NULL, "{\"active\": false}" },
    { "sender-login.delete", "{i}", NULL, NULL },
    { "fetchmail.list", NULL, "{d}.example", NULL },
    { "fetchmail.show", "{i}", NULL, NULL },
    { "fetchmail.create", NULL, NULL,
      "{\"mailbox\": \"plain@{d}.example\", \"server\": \"x.example\", \"username\": \"x\","
      " \"authentication\": \"gssapi\"}" },
    { "fetchmail.update", "{i}", NULL, "{\"active\": false}" },
    { "fetchmail.delete", "{i}", NULL, NULL },
    { "dns.show", "{d}.example", NULL, NULL },
    { "me.client-settings", NULL, NULL, NULL },
    { "dkim-key.list", NULL, "{d}.example", NULL },
    { "dkim-key.show", "{i}", NULL, NULL },
    { "dkim-key.create", NULL, NULL, "{\"domain\": \"{d}.example\", \"generate\": \"ed25519\"}" },
    { "dkim-key.delete", "{i}", NULL, NULL },
    { "dkim-key.activate", "{i}", NULL, NULL },
    { "dkim-key.deactivate", "{i}", NULL, NULL },
    { "relay.list", NULL, NULL, NULL },
    { "relay.show", "{d}", NULL, NULL },
    { "relay.create", NULL, NULL, "{\"name\": \"new\", \"scope\": \"{d}.net\", \"host\": \"{d}.net\"}" },
    { "relay.update", "{d}", NULL, "{\"active\": false}" },
    { "relay.delete", "{d}", NULL, NULL },
    { "relay.test", "{d}", NULL, NULL },
    { "token.list", NULL, NULL, NULL },
    { "token.show", OWN_TOKEN, NULL, NULL },
    { "token.create", NULL, NULL, "{\"name\": \"x\", \"scopes\": [\"read\"]}" },
    { "token.delete", OWN_TOKEN, NULL, NULL },
    { "log.list", NULL, "{d}.example", NULL },
    { "log.show", "100000{i}", NULL, NULL },
    { "log.undo", "100000{i}", NULL, NULL },
    { "log.verify", NULL, NULL, NULL },
    { "letter.create", NULL, NULL, "{\"to\": \"new@{d}.example\", \"subject\": \"x\", \"body\": \"y\"}" },
    { "broadcast.list", NULL, "{d}.example", NULL },
    { "broadcast.show", "{i}", NULL, NULL },
    { "broadcast.create", NULL, NULL, "{\"domains\": [\"{d}.example\"], \"subject\": \"x\", \"body\": \"y\"}" },
    { "broadcast.cancel", "{i}", NULL, NULL },
    { "errand.list", NULL, NULL, NULL },
    { "errand.show", "{i}", NULL, NULL },
    { "errand.retry", "{i}", NULL, NULL },
};

/* What has to have happened before the verb is tried; the log's record of it gets a number that is known. */
static const struct {
    const char *of, *verb, *body;
} befores[] = {
    { "log.show", "alias.create", "{\"address\": \"x@{d}.example\", \"destinations\": [\"x@y.example\"]}" },
    { "log.undo", "alias.create", "{\"address\": \"x@{d}.example\", \"destinations\": [\"x@y.example\"]}" },
};

/* What stands in the database for the account that asks: {d} is its name, {r} its kind. */
#define APP_PASSWORDS                                                                                       \
    "REPLACE INTO mailbox_app_password (id, username, description, password_hash) VALUES"                   \
    " (1, 'plain@own.example', 'x', 'x'), (2, 'plain@other.example', 'x', 'x')"
static const struct {
    const char *of, *sql;
} stands[] = {
    { "app-password.delete", APP_PASSWORDS },
    { "me.delete-app-password", APP_PASSWORDS },
    { "me.disable-totp", "UPDATE {r} SET totp_secret = '" SEED "' WHERE username = '{d}'" },
    { "me.new-recovery-codes", "UPDATE {r} SET totp_secret = '" SEED "' WHERE username = '{d}'" },
    { "me.end-session",
      "REPLACE INTO postreeve_session (digest, username, account, created, seen, id) VALUES"
      " ('x', '{d}', '{r}', NOW(), NOW(), 1)" },
};

static const struct subject *subject_of(const char *verb)
{
    for (size_t i = 0; i < COUNT(subjects); i++)
        if (strcmp(subjects[i].verb, verb) == 0)
            return &subjects[i];
    fail_msg("%s has no row here", verb);
    return NULL;
}

static const struct {
    const char *name;
    enum role rank;
} ranks[] = { { "plain", ROLE_NOBODY }, { "deputy", ROLE_DOMAIN_ADMIN }, { "chief", ROLE_SUPER_ADMIN } };

static const char *filled_in(struct task *t, const char *pattern, const char *domain, const char *rank)
{
    struct text rest = text_of(pattern), all = TEXT("");

    for (; rest.length; rest = text_part(rest, 1, rest.length)) {
        const char *word = text_starts(rest, TEXT("{d}")) ? domain : text_starts(rest, TEXT("{r}")) ? rank
            : text_starts(rest, TEXT("{o}")) ? world_code(t, SEED, 0)
            : text_starts(rest, TEXT("{i}")) ? (strcmp(domain, "own") == 0 ? "1" : "2") : NULL;

        all = task_join(t, all, word ? text_of(word) : text_part(rest, 0, 1));
        if (word)
            rest = text_part(rest, 2, rest.length);
    }
    return pattern ? all.at : NULL;
}

static void let_stand(struct world *w, struct task *t, const char *verb, enum role role)
{
    const char *name = task_c_string(t, actors[role]->username), *account = role == ROLE_USER ? "mailbox" : "admin";

    if (strcmp(verb, "me.confirm-totp") == 0)
        world_offer(w, account, name);
    for (size_t i = 0; i < COUNT(stands); i++)
        if (strcmp(stands[i].of, verb) == 0)
            scratch_run(w->db, "%s", filled_in(t, stands[i].sql, name, account));
}

static struct ask ask_for(struct task *t, const struct subject *s, enum role role, bool owned, const char *rank)
{
    const char *domain = owned ? "own" : "other", *key = filled_in(t, s->key, domain, rank);

    if (s->key && strcmp(s->key, OWN_TOKEN) == 0)
        key = task_printf(t, "%d", role == ROLE_NOBODY ? ROLE_USER : (int)role).at;
    return (struct ask){ .as = actors[role], .verb = s->verb, .key = key,
                         .domain = filled_in(t, s->domain, domain, rank), .body = filled_in(t, s->body, domain, rank) };
}

/* What is news to an account's owner is no change of anybody's: it is in the list of log-ins, not in the log. */
static bool leaves_no_record(const struct verb *v)
{
    return strcmp(v->name, "log-in.report") == 0;
}

static void assert_recorded(struct world *w, const struct verb *v, enum role role)
{
    const char *row = scratch_row(w->db, w->t, "SELECT COUNT(*), MAX(action), MAX(actor) FROM log"
                                               " WHERE id NOT IN (1000001, 1000002)");
    /* Who logs in is known only afterwards. */
    struct text actor = role == ROLE_NOBODY || v->own_transaction ? TEXT("") : actors[role]->username;

    if (!text_starts(text_of(row), task_printf(w->t, "1|%s|%.*s", v->name, (int)actor.length, actor.at ? actor.at : "")))
        fail_msg("log: %s", row);
}

static void do_before(struct world *w, struct task *t, const char *verb)
{
    for (size_t i = 0; i < COUNT(befores); i++) {
        if (strcmp(befores[i].of, verb) != 0
            || scratch_number(w->db, "SELECT COUNT(*) FROM log WHERE id IN (1000001, 1000002)") == 2)
            continue;
        for (int other = 0; other < 2; other++) {
            const char *domain = other ? "other" : "own";
            struct ask first = { .as = &super, .verb = befores[i].verb, .body = filled_in(t, befores[i].body, domain, NULL) };

            assert_int_equal(world_ask(w, &first), DONE);
            scratch_run(w->db, "UPDATE log SET id = %d WHERE domain = '%s.example'", 1000001 + other, domain);
        }
    }
}

/* Returns whether the world has changed. */
static bool try_cell(struct world *w, const struct verb *v, enum role role, bool owned, size_t rank)
{
    struct target target = { owned, v->of && v->of->ranked ? ranks[rank].rank : ROLE_NOBODY };
    bool may = permitted(v->may, role, &target), changes = may && verb_changes(v);
    struct task *t = task_open();
    struct ask ask = ask_for(t, subject_of(v->name), role, owned, ranks[rank].name);
    const char *before;
    enum outcome o, wanted = may ? DONE : role == ROLE_NOBODY ? STRANGER : DENIED;

    do_before(w, t, v->name);
    if (role != ROLE_NOBODY)
        let_stand(w, t, v->name, role);
    before = scratch_fingerprint(w->db, t);
    o = world_ask(w, &ask);
    if (o != wanted)
        fail_msg("%s by %s, %s domain, target %s: %d instead of %d", v->name, role_words[role],
                 owned ? "own" : "another's", ranks[rank].name, o, wanted);
    if (changes && leaves_no_record(v))
        assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM log"), 0);
    else if (changes)
        assert_recorded(w, v, role);
    else
        assert_string_equal(scratch_fingerprint(w->db, t), before);
    task_close(t);
    return changes;
}

static bool has_place(const struct subject *s)
{
    return s->key || s->domain || (s->body && strstr(s->body, "{d}"));
}

static size_t try_verb(void **state, const struct verb *v)
{
    const struct subject *s = subject_of(v->name);
    size_t cells = 0, rank_count = v->of && v->of->ranked && v->act != ACT_LIST ? COUNT(ranks) : 1;

    for (int role = ROLE_NOBODY; role < ROLES; role++)
        for (int owned = has_place(s) ? 0 : 1; owned <= 1; owned++)
            for (size_t rank = 0; rank < rank_count; rank++, cells++)
                if (try_cell(*state, v, (enum role)role, owned, rank))
                    world_reset(state);
    return cells;
}

static void what_the_table_says_is_what_happens(void **state)
{
    size_t cells = 0;

    world_with_key(*state);
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->name; v++) {
            size_t tried;

            if (text_starts(text_of(v->name), TEXT("password-reset.")))
                continue; /* anybody's, in every cell; what it takes besides is tried in tests/api/test_password_reset.py */
            assert_true(v->may != MAY_LOG_IN || strcmp(v->name, "session.create") == 0);
            tried = try_verb(state, v);

            print_message("  %s: %zu cells\n", v->name, tried);
            cells += tried;
        }
    print_message("  %zu cells\n", cells);
}

static void every_verb_says_who_may(void **state)
{
    (void)state;
    assert_null(verb_without_permit());
}

/* An address that does not exist says no more than one that is not theirs. */
static const struct play strangers[] = {
    { "no such mailbox in a domain of theirs", NULL, { &dora, "mailbox.show", .key = "none@own.example" }, MISSING,
      NULL, NULL, NULL, NULL },
    { "no such mailbox in another's", NULL, { &dora, "mailbox.show", .key = "none@other.example" }, DENIED, NULL, NULL,
      NULL, NULL },
    { "no such domain", NULL, { &dora, "domain.show", .key = "none.example" }, DENIED, NULL, NULL, NULL, NULL },
    { "no such domain, for whom it would be", NULL, { &super, "domain.show", .key = "none.example" }, MISSING, NULL,
      NULL, NULL, NULL },
    { "no such alias domain", NULL, { &dora, "alias-domain.show", .key = "none.example" }, DENIED, NULL, NULL, NULL,
      NULL },
    { "no such alias domain, to delete", NULL, { &dora, "alias-domain.delete", .key = "none.example" }, DENIED, NULL,
      NULL, NULL, NULL },
    { "a delegation that is switched off", "UPDATE domain_admins SET active = 0",
      { &dora, "mailbox.show", .key = "plain@own.example" }, DENIED, NULL, NULL, NULL, NULL },
    { "an alias domain into another's domain", NULL,
      { &dora, "alias-domain.create",
        .body = "{\"alias_domain\": \"own-fresh.example\", \"target_domain\": \"other.example\"}" },
      DENIED, NULL, NULL, NULL, NULL },
    { "another's domain as alias of theirs", NULL,
      { &dora, "alias-domain.create",
        .body = "{\"alias_domain\": \"other-fresh.example\", \"target_domain\": \"own.example\"}" },
      DENIED, NULL, NULL, NULL, NULL },
    { "their alias domain turned to another's domain", NULL,
      { &dora, "alias-domain.update", .key = "own-alias.example", .body = "{\"target_domain\": \"other.example\"}" },
      DENIED, NULL, NULL, NULL, NULL },
    { "an alias domain of theirs that is not theirs itself",
      "DELETE FROM domain_admins WHERE domain = 'own-alias.example'",
      { &dora, "alias-domain.delete", .key = "own-alias.example" }, DENIED, NULL, NULL, NULL, NULL },
    { "a list of another's domain", NULL, { &dora, "mailbox.list", .domain = "other.example" }, DENIED, NULL, NULL,
      NULL, NULL },
    { "a mailbox placed into another's domain under their own", NULL,
      { &dora, "mailbox.create", .domain = "own.example",
        .body = "{\"address\": \"x@other.example\", \"password\": \"another staple 2\"}" },
      INVALID, "wrong_domain", "address", NULL, NULL },
    { "a catch-all of another's domain", NULL,
      { &dora, "alias.create", .body = "{\"address\": \"@other.example\", \"destinations\": [\"x@own.example\"]}" },
      DENIED, NULL, NULL, NULL, NULL },
};

static void what_is_not_theirs_is_not_even_there(void **state)
{
    world_play(*state, strangers, COUNT(strangers));
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(every_verb_says_who_may),
        WORLD_TEST(what_the_table_says_is_what_happens),
        WORLD_TEST(what_is_not_theirs_is_not_even_there),
    };

    return cmocka_run_group_tests_name("permit", tests, world_open, world_close);
}
