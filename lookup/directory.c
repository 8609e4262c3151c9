/* lookup/directory.c */
#include "lookup/directory.h"

#include "base/log.h"
#include "model/relay.h"
#include "store/connection.h"

static struct store_settings account(const struct config *c, const struct database_settings *d)
{
    return (struct store_settings){
        .servers = d->servers,
        .socket = d->socket,
        .name = d->name,
        .user = d->user,
        .password = d->password,
        .option_file = d->option_file,
        .pool = 1,
        .connect_seconds = d->connect_seconds,
        .read_seconds = d->read_seconds,
        .write_seconds = d->write_seconds,
        .quota_multiplier = c->quota.multiplier,
    };
}

enum outcome directory_connect(struct task *t, const struct config *c)
{
    struct store_settings s = account(c, &c->lookup);

    return store_connect(t, &s);
}

enum outcome directory_connect_service(struct task *t, const struct config *c)
{
    struct store_settings s = account(c, &c->database);

    return store_connect(t, &s);
}

struct store *directory_open(const struct config *c)
{
    struct store_settings s = account(c, &c->lookup);

    return store_open(&s);
}

struct asked directory_settings(const struct config *c)
{
    return (struct asked){ .base = c->mail.virtual_mailbox_base, .uid = c->mail.uid, .gid = c->mail.gid,
                           .limit = c->mail.virtual_mailbox_limit, .multiplier = c->quota.multiplier,
                           .selector = TEXT(""),
                           .main_suffices = !c->password.second_factor_needs_app_password };
}

struct statement directory_statement(const struct question *q)
{
    return (struct statement){ q->map, q->sql, &asked_shape, &answer_shape };
}

static struct text append(struct task *t, struct text whole, const char *between, struct text piece)
{
    return whole.length ? task_join(t, task_join(t, whole, text_of(between)), piece) : piece;
}

/* NULL and the empty value are no value: Postfix goes past both. */
static struct text values_of(struct task *t, const struct rows *rows)
{
    const struct answer *row = rows->items;
    struct text all = TEXT("");

    for (size_t i = 0; i < rows->count; i++)
        if (row[i].value.length)
            all = append(t, all, ",", row[i].value);
    return all;
}

static struct text fields_of(struct task *t, const struct answer *row)
{
    struct text all = TEXT("");

    for (size_t i = 0; i < answer_shape.count; i++) {
        const struct field *f = &answer_shape.fields[i];
        const struct text *value = field_in(f, row);

        if (value->at)
            all = append(t, all, "\t", task_printf(t, "%s=%.*s", f->name, (int)value->length, value->at));
    }
    return all;
}

/* What a table's line can hold as the value behind a key, and smtp(8) take apart at the first colon. */
static bool is_plain_log_in(struct text username, struct text password)
{
    for (size_t i = 0; i < username.length; i++)
        if ((unsigned char)username.at[i] <= ' ' || username.at[i] == ':' || username.at[i] == '\x7F')
            return false;
    for (size_t i = 0; i < password.length; i++)
        if ((unsigned char)password.at[i] < ' ' || password.at[i] == '\x7F')
            return false;
    return username.length && password.length && password.at[password.length - 1] != ' ';
}

static enum outcome open_log_in(struct task *t, const struct vault *v, const struct answer *row, struct text *out)
{
    struct text clear = TEXT("");

    if (!row->password.at
        || vault_open(t, "password", v, VAULT_RELAY, row->password, relay_context(t, row->name), &clear) != DONE) {
        task_forget_problems(t);
        log_line(LOG_FAULT, "relay %s: its password cannot be opened ([secrets] key_file); its mail waits", row->name.at);
        return RETRY;
    }
    if (!is_plain_log_in(row->username, clear)) {
        log_line(LOG_FAULT, "relay %s: its log-in holds what a table of Postfix cannot hold; its mail waits", row->name.at);
        return RETRY;
    }
    *out = task_printf(t, "%s:%.*s", task_c_string(t, row->username), (int)clear.length, clear.at);
    return DONE;
}

/* One server, one log-in: whose would be said, Postfix could not tell. */
static enum outcome log_in_of(struct task *t, const struct vault *v, const struct rows *rows, struct text *out)
{
    const struct answer *row = rows->items;
    enum outcome o = open_log_in(t, v, &row[0], out);

    for (size_t i = 1; o == DONE && i < rows->count; i++) {
        struct text other = TEXT("");

        o = open_log_in(t, v, &row[i], &other);
        if (o == DONE && !text_equal(*out, other)) {
            log_line(LOG_FAULT, "relays %s and %s: the same server, and two log-ins; their mail waits", row[0].name.at,
                     row[i].name.at);
            o = RETRY;
        }
    }
    return o;
}

enum outcome directory_log_in(struct task *t, const struct config *c, const struct asked *a, struct text *username,
                              struct text *out)
{
    struct statement s = directory_statement(question_named(TEXT("smtp_sasl_password_maps")));
    struct rows rows = { 0 };
    enum outcome o = statement_all(t, &s, a, &rows);

    *username = TEXT("");
    if (o != DONE || rows.count == 0)
        return o == DONE ? MISSING : o;
    *username = ((const struct answer *)rows.items)->username;
    return log_in_of(t, c->vault, &rows, out);
}

enum outcome directory_answer(struct task *t, const struct config *c, const struct question *q, struct text key,
                              struct text *out)
{
    struct statement s = directory_statement(q);
    struct asked a = directory_settings(c);
    struct text username;
    struct rows rows = { 0 };
    enum outcome o;

    *out = TEXT("");
    if (!question_key(t, q, key, &a)) {
        task_forget_problems(t);
        return MISSING;
    }
    if (q->answer == ANSWER_LOG_IN)
        return directory_log_in(t, c, &a, &username, out);
    a.service = TEXT("imap"); /* of all services, the one that asks for nothing but the log-in */
    o = statement_all(t, &s, &a, &rows);
    if (o != DONE || rows.count == 0)
        return o == DONE ? MISSING : o;
    *out = q->answer != ANSWER_FIELDS ? values_of(t, &rows) : fields_of(t, rows.items);
    return out->length ? DONE : MISSING;
}
