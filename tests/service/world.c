/* tests/service/world.c */
#include "service/world.h"

#include "api/json.h"
#include "base/clock.h"
#include "model/password.h"
#include "model/secret.h"
#include "model/totp.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#define FROM .source = { "192.0.2.1", 9 }, .via = "browser", .language = { "en", 2 }
#define NAMED(name) .username = { name, sizeof(name) - 1 }

const struct actor nobody = { .role = ROLE_NOBODY, FROM };
const struct actor user = { .role = ROLE_USER, NAMED("plain@own.example"), FROM };
const struct actor dora = { .role = ROLE_DOMAIN_ADMIN, NAMED("dora@own.example"), FROM };
const struct actor super = { .role = ROLE_SUPER_ADMIN, NAMED("super@root.example"), FROM };
const struct actor *const actors[ROLES] = { &nobody, &user, &dora, &super };

static const char emptied[] =
    "DELETE FROM postreeve_errand; DELETE FROM postreeve_broadcast;"
    "DELETE FROM postreeve_image; DELETE FROM postreeve_request; DELETE FROM postreeve_token;"
    "UPDATE postreeve_log_chain SET link = 0, record = 0, hash = '';"
    "DELETE FROM postreeve_second_factor; DELETE FROM postreeve_recovery_code; DELETE FROM postreeve_log_in;"
    "DELETE FROM postreeve_password_reset;"
    "DELETE FROM postreeve_session; DELETE FROM postreeve_throttle; DELETE FROM log; DELETE FROM domain_admins;"
    "DELETE FROM admin; DELETE FROM alias_domain; DELETE FROM alias; DELETE FROM mailbox; DELETE FROM vacation;"
    "DELETE FROM quota; DELETE FROM quota2; DELETE FROM mailbox_app_password; DELETE FROM totp_exception_address;"
    "DELETE FROM postreeve_transport; DELETE FROM postreeve_sender_access; DELETE FROM postreeve_sender_login;"
    "DELETE FROM postreeve_relay; DELETE FROM fetchmail; DELETE FROM dkim; DELETE FROM domain";

/* The dates are old, so that whatever changes a row shows. */
static const char filled[] =
    "SET @hash = '%s';"
    "INSERT INTO domain (domain) VALUES ('own.example'), ('own-alias.example'), ('own-fresh.example'),"
    " ('other.example'), ('other-alias.example'), ('other-fresh.example');"
    "INSERT INTO alias_domain (alias_domain, target_domain) VALUES ('own-alias.example', 'own.example'),"
    " ('other-alias.example', 'other.example');"
    "CREATE TEMPORARY TABLE IF NOT EXISTS place (name varchar(64), domain varchar(64));"
    "DELETE FROM place; INSERT INTO place SELECT n.name, d.domain FROM (SELECT 'plain' AS name UNION SELECT 'deputy'"
    " UNION SELECT 'chief') n, (SELECT 'own.example' AS domain UNION SELECT 'other.example') d;"
    "INSERT INTO mailbox (username, password, maildir, local_part, domain)"
    " SELECT CONCAT(name, '@', domain), @hash, CONCAT(domain, '/', name, '/'), name, domain FROM place;"
    "INSERT INTO alias (address, goto, domain)"
    " SELECT CONCAT(name, '@', domain), CONCAT(name, '@', domain), domain FROM place;"
    "INSERT INTO alias (address, goto, domain)"
    " SELECT CONCAT('l-', name, '@', domain), CONCAT(name, '@', domain), domain FROM place;"
    "INSERT INTO admin (username, password, superadmin)"
    " SELECT CONCAT(p.prefix, name, '@', domain), @hash, name = 'chief' FROM place,"
    " (SELECT '' AS prefix UNION SELECT 'l-' UNION SELECT 'new-') p WHERE name <> 'plain';"
    "INSERT INTO admin (username, password, superadmin) VALUES ('dora@own.example', @hash, 0),"
    " ('super@root.example', @hash, 1);"
    "INSERT INTO postreeve_token (id, digest, username, account, name, scopes, domains, allowed_networks, created) VALUES"
    " (1, 'd1', 'plain@own.example', 'mailbox', 't', '*', '', '', NOW()),"
    " (2, 'd2', 'dora@own.example', 'admin', 't', '*', '', '', NOW()),"
    " (3, 'd3', 'super@root.example', 'admin', 't', '*', '', '', NOW());"
    "INSERT INTO domain_admins (username, domain) VALUES ('dora@own.example', 'own.example'),"
    " ('dora@own.example', 'own-alias.example'), ('dora@own.example', 'own-fresh.example'),"
    " ('super@root.example', 'ALL');"
    "INSERT INTO postreeve_transport (destination, transport, created, modified) VALUES"
    " ('own.example', 'smtp:[192.0.2.1]', '2026-01-01', '2026-01-01'),"
    " ('other.example', 'smtp:[192.0.2.1]', '2026-01-01', '2026-01-01');"
    "INSERT INTO postreeve_broadcast (id, actor, domain, domains, subject, body, sender, created) SELECT"
    " IF(d.domain LIKE 'own%%', 1, 2), 'dora@own.example', d.domain, d.domain, 'x', 'x', 'dora@own.example', '2026-01-01'"
    " FROM domain d WHERE d.domain IN ('own.example', 'other.example');"
    "INSERT INTO postreeve_errand (id, kind, event, verb, actor, target, domain, record, delivery, lane, payload, state,"
    " due, created) SELECT IF(d.domain LIKE 'own%%', 1, 2), 'program', 'x', 'x', 'x', 'x', d.domain, 1, d.domain, d.domain,"
    " '', 'failed', '2026-01-01', '2026-01-01' FROM domain d WHERE d.domain IN ('own.example', 'other.example');"
    "INSERT INTO postreeve_sender_access (sender, action, created, modified) VALUES"
    " ('own.example', 'REJECT', '2026-01-01', '2026-01-01'), ('other.example', 'REJECT', '2026-01-01', '2026-01-01');"
    "INSERT INTO postreeve_sender_login (id, sender, login, domain, login_domain, created, modified)"
    " SELECT IF(d.domain LIKE 'own%%', 1, 2), CONCAT('l-plain@', d.domain), CONCAT('plain@', d.domain), d.domain,"
    " d.domain, '2026-01-01', '2026-01-01' FROM domain d WHERE d.domain IN ('own.example', 'other.example');"
    "INSERT INTO postreeve_relay (name, scope, host, port, tls, created, modified) VALUES"
    " ('own', '@own.example', '127.0.0.1', 1, 'none', '2026-01-01', '2026-01-01'),"
    " ('other', '@other.example', '127.0.0.1', 1, 'none', '2026-01-01', '2026-01-01');"
    "INSERT INTO fetchmail (id, mailbox, domain, src_server, src_user, src_password, src_folder, active)"
    " SELECT IF(d.domain LIKE 'own%%', 1, 2), CONCAT('plain@', d.domain), d.domain, 'pop.example', 'plain', 'eA==', '', 1"
    " FROM domain d WHERE d.domain IN ('own.example', 'other.example');"
    "INSERT INTO dkim (id, domain_name, selector) SELECT IF(d.domain LIKE 'own%%', 1, 2), d.domain, 's1' FROM domain d"
    " WHERE d.domain IN ('own.example', 'other.example')";

static char *hash_of_password(void)
{
    struct task *t = task_open();
    struct text hash;
    char *kept;

    assert_int_equal(password_hash(t, "password", SCHEME_MD5CRYPT, TEXT(PASSWORD), &hash), DONE);
    kept = strndup(hash.at, hash.length);
    task_close(t);
    return kept;
}

int world_reset(void **state)
{
    static char *hash;
    struct world *w = *state;

    if (!hash)
        hash = hash_of_password();
    scratch_run(w->db, emptied);
    scratch_run(w->db, filled, hash);
    return 0;
}

int world_open(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    secret_start();
    w->db = scratch_migrated();
    w->config = (struct config){
        .password = { .scheme = TEXT("md5crypt"), .min_length = 8, .generated_length = 16 },
        .quota = { 1024000 },
        .session = { 1800, 43200 },
        .throttle = { 1000, 1000, 1000, 1000, 900 },
        .hooks = { .timeout_seconds = 60 },
        .mail = { .hostname = TEXT("mail.own.example") },
        .clients = { .imap_port = 993, .imap_tls = TEXT("wrapped"), .submissions_port = 465 },
        .dns = { .ttl = 3600, .mta_sts_max_age = 604800, .dmarc_policy = TEXT("none"), .mta_sts = TEXT("testing") },
        .dkim = { .private_keys = TEXT("clear") },
        .letters = { .smtp_host = TEXT("127.0.0.1"), .smtp_port = 1, .tls = TEXT("none"), .language = TEXT("en"),
                     .per_hour = 2, .timeout_seconds = 60 },
        .errands = { .attempts = 3, .first_pause_seconds = 3600, .poll_seconds = 1, .lease_seconds = 60, .keep_days = 30 },
    };
    w->service = (struct service){ .store = store_open(&w->db->settings), .config = &w->config,
                                   .describe = json_describe, .scheme = SCHEME_MD5CRYPT,
                                   .layout = MAILDIR_DOMAIN_USER };
    *state = w;
    return 0;
}

int world_close(void **state)
{
    struct world *w = *state;

    task_close(w->kept);
    task_close(w->t);
    store_close(w->service.store);
    scratch_close(w->db);
    free(w);
    return 0;
}

void world_with_key(struct world *w)
{
    if (!w->kept)
        w->kept = task_open();
    w->config.vault = vault_from_key(w->kept, repeated(w->kept, 'a', VAULT_KEY_DIGITS));
}

const char *world_code(struct task *t, const char *seed, int steps_away)
{
    time_t at = (time_t)(clock_unix_seconds() + steps_away * TOTP_STEP_SECONDS);
    char *octets, code[TOTP_DIGITS + 1];
    size_t length;

    assert_int_equal(oath_base32_decode(seed, strlen(seed), &octets, &length), OATH_OK);
    assert_int_equal(oath_totp_generate(octets, length, at, TOTP_STEP_SECONDS, 0, TOTP_DIGITS, code), OATH_OK);
    free(octets);
    return task_printf(t, "%s", code).at;
}

void world_offer(struct world *w, const char *account, const char *username)
{
    struct task *t = task_open();
    struct text sealed;

    assert_int_equal(vault_seal(t, "x", w->config.vault, VAULT_TOTP, TEXT(SEED), task_printf(t, "%s/%s", account, username),
                                &sealed), DONE);
    scratch_run(w->db, "REPLACE INTO postreeve_second_factor (account, username, offered, offered_at)"
                       " VALUES ('%s', '%s', '%s', NOW())", account, username, sealed.at);
    task_close(t);
}

bool verb_changes(const struct verb *v)
{
    return v->act != ACT_LIST && v->act != ACT_SHOW;
}

long long log_rows(struct world *w)
{
    return scratch_number(w->db, "SELECT COUNT(*) FROM log");
}

enum outcome world_ask(struct world *w, const struct ask *ask)
{
    const struct verb *v = verb_named(text_of(ask->verb));
    struct request in = { .key = text_of(ask->key), .domain = text_of(ask->domain), .page = ask->page,
                          .if_match = text_of(ask->if_match) };
    enum outcome o = DONE;

    assert_non_null(v);
    task_close(w->t);
    w->t = task_open();
    w->answer = (struct answer){ 0 };
    if (v->takes) {
        void *body = task_alloc(w->t, v->takes->size);

        o = json_decode(w->t, v->takes, text_of(ask->body ? ask->body : "{}"),
                        v->of && v->act == ACT_UPDATE ? DECODE_PATCH : DECODE_WHOLE, body, &in.given);
        in.body = body;
    }
    return o == DONE ? transact(&w->service, w->t, v, ask->as, &in, &w->answer) : o;
}

static void assert_same_outcome(struct world *w, enum outcome is, const struct play *p)
{
    const struct problem *first = task_problems(w->t);

    if (is == p->outcome && !first == !p->problem
        && (!first || (strcmp(first->kind->code, p->problem) == 0 && text_equal(first->field, text_of(p->field)))))
        return;
    fail_msg("%s: outcome %d (%s %s), not %d (%s %s)", p->what, is, first ? first->kind->code : "no problem",
             first ? first->field.at : "", p->outcome, p->problem ? p->problem : "no problem",
             p->field ? p->field : "");
}

void world_play(struct world *w, const struct play *plays, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct play *p = &plays[i];
        struct task *t = task_open();
        void *state = w;
        const char *before;
        enum outcome o;

        print_message("  %s\n", p->what);
        world_reset(&state);
        if (p->before)
            scratch_run(w->db, "%s", p->before);
        before = scratch_fingerprint(w->db, t);
        o = world_ask(w, &p->ask);
        assert_same_outcome(w, o, p);
        if (o == DONE && verb_changes(verb_named(text_of(p->ask.verb))))
            assert_int_equal(log_rows(w), 1);
        else
            assert_string_equal(scratch_fingerprint(w->db, t), before);
        if (p->query)
            assert_string_equal(scratch_rows(w->db, t, p->query), p->rows);
        task_close(t);
    }
}

const char *world_places_with(struct world *w, struct task *t, const char *words, const char *but)
{
    struct text found = TEXT("");
    MYSQL_RES *columns;
    MYSQL_ROW row;

    assert_int_equal(mysql_query(w->db->root, "SELECT table_name, column_name FROM information_schema.columns"
                                              " WHERE table_schema = DATABASE()"
                                              " AND data_type IN ('char', 'varchar', 'text', 'mediumtext')"
                                              " ORDER BY table_name, column_name"), 0);
    columns = mysql_store_result(w->db->root);
    while ((row = mysql_fetch_row(columns))) {
        long long count = scratch_number(w->db, "SELECT COUNT(*) FROM `%s` WHERE INSTR(`%s`, '%s')", row[0], row[1],
                                         words);

        if (count && (!but || strcmp(row[0], but) != 0))
            found = task_join(t, found, task_printf(t, "%s.%s: %lld\n", row[0], row[1], count));
    }
    mysql_free_result(columns);
    return task_c_string(t, found);
}
