/* server/service/fetching.c */
#include "service/fetching.h"

#include "base/log.h"
#include "outside/program.h"
#include "store/fetchmail.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESULT_MAX 400 /* octets of what fetchmail said that are kept */
#define OTHERS 077

static struct fetchmail_delivery delivery(const struct service *s)
{
    const struct fetchmail_settings *f = &s->config->fetchmail;

    return (struct fetchmail_delivery){ text_equal(f->deliver, TEXT("lmtp")), f->host, f->port };
}

/* INVALID with the problem's words in `why`: the row holds what cannot be used. */
static enum outcome compose(const struct service *s, struct task *t, const struct fetchmail *f, struct text *out,
                            struct text *why)
{
    struct fetchmail_delivery to = delivery(s);
    struct text password = TEXT("");
    enum outcome o = DONE;

    task_forget_problems(t);
    if (f->stored_password.length)
        o = fetchmail_password(t, s->config->vault, f, &password);
    if (o == DONE)
        o = fetchmail_rc(t, f, password, &to, out);
    if (o == INVALID && task_problems(t)) {
        const struct problem *p = task_problems(t);
        struct text detail = problem_detail(t, p);

        *why = task_printf(t, "cannot be run: %.*s %.*s", (int)p->field.length, p->field.at, (int)detail.length, detail.at);
        task_forget_problems(t);
    }
    return o;
}

static void say(const struct fetching_listener *to, const struct fetchmail *f, struct text result, bool fine)
{
    to->said(to->context, &(struct fetched){ f->id, f->mailbox, f->server, result, fine });
}

enum outcome fetching_write(const struct service *s, struct task *t, const struct fetching_listener *to, struct text *out)
{
    struct rows rows = { 0 };
    const struct fetchmail *f;
    enum outcome o = store_borrow(s->store, t);

    if (o == DONE)
        o = store_fetchmail_due(t, true, &rows);
    *out = TEXT("");
    f = rows.items;
    for (size_t i = 0; o == DONE && i < rows.count; i++) {
        struct text lines = TEXT(""), why = TEXT("");

        o = compose(s, t, &f[i], &lines, &why);
        if (o == DONE)
            *out = task_join(t, *out, lines);
        if (o == INVALID) {
            say(to, &f[i], why, false);
            o = DONE;
        }
    }
    return o;
}

static bool directory_is_ours(const char *path)
{
    struct stat about;

    if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST) {
        log_line(LOG_FAULT, "[fetchmail] directory = %s: %s", path, strerror(errno));
        return false;
    }
    if (lstat(path, &about) != 0 || !S_ISDIR(about.st_mode) || about.st_uid != geteuid() || about.st_mode & OTHERS) {
        log_line(LOG_FAULT, "[fetchmail] directory = %s must be a directory that is ours, and closed to others (mode 0700)",
                 path);
        return false;
    }
    return true;
}

static bool program_is_there(const char *path)
{
    if (access(path, X_OK) == 0)
        return true;
    log_line(LOG_FAULT, "[fetchmail] program = %s: %s", path, strerror(errno));
    return false;
}

static bool contains(struct text whole, struct text part)
{
    for (size_t i = 0; part.length && i + part.length <= whole.length; i++)
        if (memcmp(whole.at + i, part.at, part.length) == 0)
            return true;
    return false;
}

/* The end of what it printed, on one line; nothing when a server repeats the password to us. */
static struct text last_words(struct task *t, struct text output, struct text password)
{
    struct text end = text_trim(output.length > RESULT_MAX ? text_part(output, output.length - RESULT_MAX, RESULT_MAX)
                                                           : output);
    char *at = task_c_string(t, end);

    if (contains(output, password) || !text_is_utf8(end)) /* cut within a character */
        return TEXT("");
    for (size_t i = 0; i < end.length; i++)
        if (at[i] == '\n' || at[i] == '\t')
            at[i] = ' ';
    return (struct text){ at, end.length };
}

#define REFUSED_HERE 10 /* of fetchmail(1): the mail system here did not take what was fetched */

/* It ends with 0 also when a letter was refused here, and stays on the server. */
static int status_of(const struct program_end *end)
{
    return end->status == 0 && contains(end->output, TEXT("SMTP error")) ? REFUSED_HERE : end->status;
}

static struct text result_of(struct task *t, const struct program_end *end, struct text password, bool *fine)
{
    struct text words = end->words, output = last_words(t, end->output, password);

    *fine = false;
    if (end->status >= 0)
        words = text_of(fetchmail_ending(status_of(end), fine));
    if (*fine || !output.length)
        return words;
    return task_printf(t, "%.*s: %.*s", (int)words.length, words.at, (int)output.length, output.at);
}

static enum outcome fetch(const struct service *s, struct task *t, const struct fetchmail *f, struct text rc,
                          struct text *result, bool *fine)
{
    const struct fetchmail_settings *c = &s->config->fetchmail;
    struct text password = TEXT("");
    struct text words[] = {
        c->program, TEXT("--fetchmailrc"), TEXT("-"), TEXT("--nodetach"), TEXT("--nosyslog"), TEXT("--pidfile"),
        task_printf(t, "%s/%lld.pid", c->directory.at, (long long)f->id), TEXT("--idfile"),
        task_printf(t, "%s/%lld.ids", c->directory.at, (long long)f->id),
    };
    struct program p = { .arguments = { words, COUNT(words) }, .input = rc, .seconds = c->seconds };
    struct program_end end;
    enum outcome o = f->stored_password.length ? fetchmail_password(t, s->config->vault, f, &password) : DONE;

    if (o != DONE)
        return o;
    o = program_run(t, &p, &end);
    *result = result_of(t, &end, password, fine);
    return o == BROKEN ? BROKEN : DONE;
}

static enum outcome run_one(const struct service *s, struct task *t, const struct fetchmail *f,
                            const struct fetching_listener *to)
{
    struct text rc = TEXT(""), result = TEXT("");
    bool fine = false;
    enum outcome o = store_fetchmail_claim(t, f->id);

    if (o == MISSING)
        return DONE; /* another machine has it */
    if (o == DONE)
        o = compose(s, t, f, &rc, &result);
    if (o == DONE)
        o = fetch(s, t, f, rc, &result, &fine);
    if (o == DONE || o == INVALID)
        o = store_fetchmail_note(t, f->id, result);
    if (o == DONE)
        say(to, f, result, fine);
    return o;
}

enum outcome fetching_run(const struct service *s, struct task *t, const struct fetching_listener *to)
{
    const struct fetchmail_settings *c = &s->config->fetchmail;
    struct rows rows = { 0 };
    const struct fetchmail *f;
    enum outcome o;

    if (!program_is_there(c->program.at) || !directory_is_ours(c->directory.at))
        return INVALID;
    o = store_borrow(s->store, t);
    if (o == DONE)
        o = store_fetchmail_due(t, false, &rows);
    f = rows.items;
    for (size_t i = 0; o == DONE && i < rows.count; i++)
        o = run_one(s, t, &f[i], to);
    return o;
}
