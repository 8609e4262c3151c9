/* server/model/fetchmail.c */
#include "model/fetchmail.h"

#include "model/address.h"
#include "model/problem.h"
#include "model/routing.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

static const char *const protocol_words[] = { "POP3", "IMAP", "AUTO", NULL };
static const char *const authentication_words[] = {
    "any", "password", "cram-md5", "ntlm", "otp", "gssapi", "kerberos_v5", NULL,
};

static const struct field fields[] = {
    FIELD(struct fetchmail, id, .flags = KEY | READ_ONLY, .doc = "Its number."),
    FIELD(struct fetchmail, mailbox, .flags = REQUIRED | NO_BLANK, .max = 254, .canon = address_canon,
          .shown = address_shown, .doc = "The mailbox here that gets the letters."),
    FIELD(struct fetchmail, server, .flags = REQUIRED | NO_BLANK, .max = 255, .canon = host_canon, .shown = domain_shown,
          .doc = "The server they are fetched from: its name or address."),
    FIELD(struct fetchmail, port, .max = 65535, .doc = "Its port; 0 is the protocol's own."),
    FIELD(struct fetchmail, protocol, .max = 8, .words = protocol_words, .doc = "POP3 (the usual), IMAP, or whichever works."),
    FIELD(struct fetchmail, authentication, .max = 16, .words = authentication_words,
          .doc = "How to log in; any (the usual) takes the best that the server offers."),
    FIELD(struct fetchmail, username, .flags = REQUIRED | NO_BLANK, .max = 255, .doc = "The log-in there."),
    FIELD(struct fetchmail, password, .flags = SECRET, .max = VAULT_CLEAR_MAX, .doc = "Kept encrypted, and never shown."),
    FIELD(struct fetchmail, has_password, .flags = READ_ONLY, .doc = "Whether a password is kept."),
    FIELD(struct fetchmail, folder, .max = 255, .doc = "Of IMAP, where that is not INBOX."),
    FIELD(struct fetchmail, poll_minutes, .min = 1, .max = 10080, .option = "every",
          .doc = "How many minutes pass between two runs at least; 10 unless said otherwise."),
    FIELD(struct fetchmail, fetch_all, .doc = "Also letters that were seen already."),
    FIELD(struct fetchmail, keep, .doc = "Leave the letters there."),
    FIELD(struct fetchmail, tls, .doc = "TLS from the start; else by STARTTLS."),
    FIELD(struct fetchmail, verify_certificate, .on = true,
          .doc = "Whether there must be TLS, with a certificate that is valid and its own. Off: as the server likes."),
    FIELD(struct fetchmail, active, .on = true, .doc = "Off: nothing is fetched."),
    FIELD(struct fetchmail, last_run, .flags = READ_ONLY, .doc = "When it ran last."),
    FIELD(struct fetchmail, last_result, .flags = READ_ONLY, .doc = "What came of it."),
    FIELD(struct fetchmail, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct fetchmail, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape fetchmail_shape = SHAPE(struct fetchmail, "Fetchmail", fields);

static bool is_one_of(const char *const *words, struct text value)
{
    for (; *words; words++)
        if (text_equal(text_of(*words), value))
            return true;
    return false;
}

void fetchmail_defaults(struct fetchmail *f)
{
    if (!f->protocol.length)
        f->protocol = TEXT("POP3");
    if (!f->authentication.length)
        f->authentication = TEXT("any");
    if (!f->poll_minutes)
        f->poll_minutes = FETCHMAIL_MINUTES_DEFAULT;
    if (!f->folder.at)
        f->folder = TEXT("");
}

static bool needs_no_password(const struct fetchmail *f)
{
    return text_equal(f->authentication, TEXT("gssapi")) || text_equal(f->authentication, TEXT("kerberos_v5"));
}

enum outcome fetchmail_admit(struct task *t, const struct fetchmail *f, bool has_password)
{
    if (!has_password && !needs_no_password(f))
        return task_problem(t, "password", &problem_required);
    return DONE;
}

struct text fetchmail_context(struct task *t, int64_t id)
{
    return task_printf(t, "fetchmail/%lld", (long long)id);
}

enum outcome fetchmail_password(struct task *t, const struct vault *v, const struct fetchmail *f, struct text *out)
{
    struct text stored = f->stored_password;
    unsigned char *clear;
    size_t length = 0;

    if (vault_is_sealed(stored))
        return vault_open(t, "password", v, VAULT_FETCHMAIL, stored, fetchmail_context(t, f->id), out);
    clear = task_alloc(t, stored.length + 1);
    if (sodium_base642bin(clear, stored.length, stored.at ? stored.at : "", stored.length, " \r\n", &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return task_problem(t, "password", &problem_bad_encoding);
    *out = (struct text){ (const char *)clear, length };
    return DONE;
}

/* ---- a fetchmailrc ---- */

struct rc {
    struct task *t;
    struct text text;
    enum outcome outcome;
};

static void say(struct rc *rc, const char *words)
{
    rc->text = task_join(rc->t, rc->text, text_of(words));
}

static void say_quoted(struct rc *rc, const char *word, const char *field, struct text value)
{
    static const char hex[] = "0123456789abcdef";
    char *at = task_alloc(rc->t, value.length * 4 + 1);
    size_t length = 0;

    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if (c < ' ' || c == 0x7F)
            rc->outcome = task_problem(rc->t, field, &problem_bad_character);
        if (c < 0x80 && (isalnum(c) || (c && strchr("@.-_", c)))) {
            at[length++] = (char)c;
            continue;
        }
        at[length++] = '\\';
        at[length++] = 'x';
        at[length++] = hex[c >> 4];
        at[length++] = hex[c & 15];
    }
    say(rc, word);
    say(rc, " \"");
    rc->text = task_join(rc->t, rc->text, (struct text){ at, length });
    say(rc, "\"");
}

static void say_choice(struct rc *rc, const char *word, const char *field, const char *const *words, struct text value)
{
    if (!is_one_of(words, value)) {
        rc->outcome = task_problem(rc->t, field, &problem_not_a_choice);
        return;
    }
    say(rc, word);
    rc->text = task_join(rc->t, rc->text, value);
}

static void say_server(struct rc *rc, const struct fetchmail *f)
{
    say_quoted(rc, "poll", "server", f->server);
    say_choice(rc, " protocol ", "protocol", protocol_words, f->protocol);
    if (f->port < 0 || f->port > 65535)
        rc->outcome = task_problem(rc->t, "port", &problem_too_large);
    else if (f->port)
        say(rc, task_printf(rc->t, " service %d", (int)f->port).at);
    say_choice(rc, " auth ", "authentication", authentication_words, f->authentication);
    say(rc, " timeout 60\n");
}

static void say_delivery(struct rc *rc, const struct fetchmail_delivery *to)
{
    bool socket = text_starts(to->host, TEXT("/"));

    say_quoted(rc, " smtphost", "mailbox", socket ? to->host : task_printf(rc->t, "%.*s/%d", (int)to->host.length,
                                                                           to->host.at, (int)to->port));
    if (to->lmtp)
        say(rc, " lmtp");
}

/* fetchmail leaves on the server what the mail system here refuses (softbounce, its usual way): nothing bounces. */
enum outcome fetchmail_rc(struct task *t, const struct fetchmail *f, struct text password,
                          const struct fetchmail_delivery *to, struct text *out)
{
    struct rc rc = { t, TEXT(""), DONE };

    say_server(&rc, f);
    say_quoted(&rc, "  user", "username", f->username);
    say(&rc, " there");
    if (password.length)
        say_quoted(&rc, " with password", "password", password);
    say_quoted(&rc, " is", "mailbox", f->mailbox);
    say(&rc, " here\n   ");
    say_delivery(&rc, to);
    if (f->folder.length && text_equal(f->protocol, TEXT("IMAP")))
        say_quoted(&rc, " folder", "folder", f->folder);
    say(&rc, f->fetch_all ? " fetchall" : " no fetchall");
    say(&rc, f->keep ? " keep" : " no keep");
    if (f->tls)
        say(&rc, " ssl");
    say(&rc, f->verify_certificate ? " sslcertck\n" : " no sslcertck\n");
    *out = rc.text;
    return rc.outcome;
}

const char *fetchmail_ending(int status, bool *fine)
{
    static const struct { int status; bool fine; const char *words; } endings[] = {
        { 0, true, "letters were fetched" },
        { 1, true, "no letters" },
        { 2, false, "no connection to the server" },
        { 3, false, "the log-in was refused" },
        { 4, false, "the server answered what nobody understands" },
        { 5, false, "fetchmail does not know an option of the job" },
        { 6, false, "fetchmail does not like the mode of its file" },
        { 7, false, "the server reported an error" },
        { 8, false, "another fetchmail is running" },
        { 9, false, "the mailbox there is in use" },
        { 10, false, "the mail system here did not take the letters" },
        { 11, false, "the server's name could not be looked up" },
        { 13, true, "as many letters as were allowed were fetched" },
        { 14, false, "the server is busy" },
    };

    for (size_t i = 0; i < COUNT(endings); i++)
        if (endings[i].status == status) {
            *fine = endings[i].fine;
            return endings[i].words;
        }
    *fine = false;
    return "fetchmail failed";
}
