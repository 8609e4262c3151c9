/* lookup/postreeve-vacation.c - the program that Postfix' pipe(8) hands letters to whose reader is away
 *
 * It ends with 0 or 75 (EX_TEMPFAIL) and nothing else: whatever is wrong here, Postfix keeps the letter and comes again, and
 * tells nobody that it did not arrive. One line on standard error says what was done; Postfix puts it into its log.
 */
#include "base/log.h"
#include "lookup/incoming.h"
#include "lookup/vacation.h"
#include "outside/outside.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_COME_AGAIN 75
#define DATABASE_SECONDS_MAX 30 /* Postfix ends what takes longer than command_time_limit altogether */
#define CONFIG_PATH "/etc/postfix/postreeve-vacation.conf"

static void help(void)
{
    fputs("usage: postreeve-vacation [-c FILE] -f SENDER -- RECIPIENT...\n\n"
          "Answers a letter for a mailbox whose owner is away. Postfix' pipe(8) starts it, with the letter on standard\n"
          "input; RECIPIENT is user#domain@vacation.domain. postreeve-lookup render writes what Postfix needs for that,\n"
          "and FILE.\n\n"
          "  -f SENDER               of the envelope; empty: none\n"
          "  -c FILE, --config FILE  its configuration (else POSTREEVE_CONFIG, else " CONFIG_PATH ")\n"
          "  --version               which version this is\n\n"
          "Exit code 0: done, answered or not; 75: not now, come again.\n",
          stdout);
}

/* ---- the letter ---- */

struct input {
    char *at;
    size_t used, room;
    bool ended;
};

static void read_more(struct input *in)
{
    ssize_t got;

    do
        got = read(STDIN_FILENO, in->at + in->used, in->room - in->used);
    while (got < 0 && errno == EINTR);
    in->ended = got <= 0;
    in->used += got > 0 ? (size_t)got : 0;
}

/* Where the empty line ends that ends the head; TEXT_NOT_FOUND: it is not there yet. */
static size_t head_length(const struct input *in)
{
    const char *at = in->at, *end = in->at + in->used;

    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        if (at < end && *at == '\n')
            return (size_t)(at + 1 - in->at);
        if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
            return (size_t)(at + 2 - in->at);
    }
    return TEXT_NOT_FOUND;
}

/* All of it is read, because Postfix would take a pipe that closes early for a failure; the body is not kept. */
static void read_letter(struct task *t, struct vacation_letter *out)
{
    struct input in = { .at = task_alloc(t, INCOMING_HEAD_MAX), .room = INCOMING_HEAD_MAX };
    size_t length = TEXT_NOT_FOUND;

    while (!in.ended && in.used < in.room && length == TEXT_NOT_FOUND) {
        read_more(&in);
        length = head_length(&in);
    }
    out->head = task_copy(t, (struct text){ in.at, length == TEXT_NOT_FOUND ? in.used : length });
    out->cut = length == TEXT_NOT_FOUND && !in.ended;
    while (!in.ended) {
        in.used = 0;
        read_more(&in);
    }
}

/* ---- the words ---- */

struct words {
    const char *config; /* NULL: not given */
    const char *sender; /* NULL: not given */
    char **recipients;  /* ended by NULL */
};

/* What stands behind -f came from elsewhere, and is a sender whatever it looks like: "--config=/tmp/x@far.test", say. */
static bool take_words(char **words, struct words *out)
{
    *out = (struct words){ .recipients = words };
    for (; *words && !out->sender; words++) {
        bool config = strcmp(*words, "-c") == 0 || strcmp(*words, "--config") == 0;

        if (strncmp(*words, "--config=", 9) == 0)
            out->config = *words + 9;
        else if (config && words[1])
            out->config = *++words;
        else if (strcmp(*words, "-f") == 0 && words[1])
            out->sender = *++words;
        else
            return false;
    }
    if (!*words || strcmp(*words, "--") != 0)
        return false;
    out->recipients = words + 1;
    return out->sender && words[1];
}

/* The database's own patience is made for vquota's million rows. */
static enum outcome load(struct task *t, const char *path, struct config *c)
{
    enum outcome o;

    if (!path && !getenv("POSTREEVE_CONFIG"))
        path = CONFIG_PATH;
    o = config_load(t, path, c);
    if (o == DONE && c->lookup.read_seconds > DATABASE_SECONDS_MAX)
        c->lookup.read_seconds = DATABASE_SECONDS_MAX;
    if (o == DONE)
        o = outside_start();
    return o;
}

static int run(struct task *t, const struct words *w)
{
    struct vacation_letter given = { .sender = text_of(w->sender) };
    enum outcome loaded, all = DONE;
    struct config c;

    loaded = load(t, w->config, &c);
    incoming_start();
    read_letter(t, &given);
    for (char **r = w->recipients; *r; r++) {
        struct text said;

        given.recipient = text_of(*r);
        if (vacation_answer(t, loaded == DONE ? &c : NULL, &given, &said) != DONE)
            all = RETRY;
        log_line(LOG_NOTE, "%s, from <%s>: %.*s", *r, w->sender, (int)said.length, said.at);
    }
    if (loaded == DONE)
        outside_stop();
    return all == DONE ? 0 : EXIT_COME_AGAIN;
}

int main(int argc, char **argv)
{
    struct words w;
    struct task *t;
    int code;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        help();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("postreeve-vacation " POSTREEVE_VERSION);
        return 0;
    }
    if (!take_words(argv + (argc > 0), &w)) {
        log_line(LOG_FAULT, "postreeve-vacation: -f SENDER -- RECIPIENT... is missing (--help says more)");
        return EXIT_COME_AGAIN;
    }
    signal(SIGPIPE, SIG_IGN);
    t = task_open();
    code = run(t, &w);
    task_close(t);
    incoming_stop();
    return code;
}
