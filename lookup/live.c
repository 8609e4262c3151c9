/* lookup/live.c */
#include "lookup/live.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEARD_MAX ((size_t)1 << 20)
#define ARGUMENTS_MAX 512
#define COLUMNS 8 /* of master.cf: service type private unpriv chroot wakeup maxproc command */

extern char **environ;

/* -- running a program -- */

static int spawn(const char *const *arguments, int out, int words, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    char path[256];
    int wrong = posix_spawn_file_actions_init(&actions);

    if (wrong != 0)
        return wrong;
    wrong = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (wrong == 0)
        wrong = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (wrong == 0)
        wrong = posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
    if (wrong == 0)
        wrong = posix_spawnp(child, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
    if (wrong == ENOENT) { /* cron's PATH, say, has no /usr/sbin */
        (void)snprintf(path, sizeof path, "/usr/sbin/%s", arguments[0]);
        wrong = posix_spawn(child, path, &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    return wrong;
}

/* False at the end of it. What is beyond the limit is read and dropped: a program that cannot write never ends. */
static bool take_piece(struct task *t, int from, struct text *all)
{
    char piece[8192];
    ssize_t got = read(from, piece, sizeof piece);

    if (got < 0 && errno == EINTR)
        return true;
    if (got > 0 && all->length + (size_t)got <= HEARD_MAX)
        *all = task_join(t, *all, (struct text){ piece, (size_t)got });
    return got > 0;
}

static void read_both(struct task *t, int out, int words, struct heard *into)
{
    struct pollfd both[] = { { .fd = out, .events = POLLIN }, { .fd = words, .events = POLLIN } };
    struct text *const texts[] = { &into->out, &into->words };

    while (both[0].fd >= 0 || both[1].fd >= 0) {
        if (poll(both, COUNT(both), -1) < 0)
            continue;
        for (size_t i = 0; i < COUNT(both); i++)
            if (both[i].fd >= 0 && both[i].revents && !take_piece(t, both[i].fd, texts[i]))
                both[i].fd = -1;
    }
}

enum outcome live_run(struct task *t, const char *const *arguments, struct heard *out)
{
    int ends[2][2] = { { -1, -1 }, { -1, -1 } }, how = 0, wrong = 0;
    pid_t child;

    *out = (struct heard){ TEXT(""), TEXT(""), -1 };
    if (pipe2(ends[0], O_CLOEXEC) != 0 || pipe2(ends[1], O_CLOEXEC) != 0)
        wrong = errno;
    if (wrong == 0)
        wrong = spawn(arguments, ends[0][1], ends[1][1], &child);
    for (size_t i = 0; i < COUNT(ends); i++)
        if (ends[i][1] >= 0)
            close(ends[i][1]);
    if (wrong == 0)
        read_both(t, ends[0][0], ends[1][0], out);
    for (size_t i = 0; i < COUNT(ends); i++)
        if (ends[i][0] >= 0)
            close(ends[i][0]);
    if (wrong != 0) {
        log_line(LOG_FAULT, "%s: %s", arguments[0], strerror(wrong));
        return CONFLICT;
    }
    while (waitpid(child, &how, 0) < 0 && errno == EINTR)
        ;
    out->status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    return DONE;
}

enum outcome live_ask(struct task *t, const char *const *arguments, struct heard *out)
{
    enum outcome o = live_run(t, arguments, out);

    if (o != DONE || out->status == 0)
        return o;
    if (text_trim(out->words).length == 0) /* postfix(1) speaks to a terminal or to the log */
        out->words = TEXT("the mail log has its words");
    log_line(LOG_FAULT, "%s ended with %d: %.*s", arguments[0], out->status, (int)text_trim(out->words).length,
             text_trim(out->words).at);
    return CONFLICT;
}

/* -- the files' form -- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks between words count as one: a value may be folded. */
static struct text plain(struct task *t, struct text given)
{
    char *at = task_alloc(t, given.length + 1);
    size_t length = 0;

    given = text_trim(given);
    for (size_t i = 0; i < given.length; i++)
        if (!is_blank(given.at[i]))
            at[length++] = given.at[i];
        else if (length && at[length - 1] != ' ')
            at[length++] = ' ';
    return (struct text){ at, length };
}

/* The next line with those that continue it, without comments; absent at the end. */
static struct text next_logical(struct task *t, struct text *rest)
{
    struct text whole = { 0 };

    while (rest->length) {
        size_t end = text_find(*rest, '\n');
        struct text line = text_part(*rest, 0, end);
        bool continues = line.length && is_blank(line.at[0]);

        if (whole.at && !continues && line.length && line.at[0] != '#')
            break;
        *rest = end == TEXT_NOT_FOUND ? TEXT("") : text_part(*rest, end + 1, rest->length);
        if (text_trim(line).length == 0 || text_trim(line).at[0] == '#')
            continue;
        whole = whole.at ? task_join(t, task_join(t, whole, TEXT(" ")), line) : line;
    }
    return whole.at ? plain(t, whole) : whole;
}

struct setting {
    struct text name, value;
};

static bool take_setting(struct text line, struct setting *out)
{
    size_t equals = text_find(line, '=');

    if (equals == TEXT_NOT_FOUND)
        return false;
    out->name = text_trim(text_part(line, 0, equals));
    out->value = text_trim(text_part(line, equals + 1, line.length));
    return true;
}

struct service {
    struct text columns[COLUMNS];
    struct text arguments; /* that are no -o */
    struct setting overrides[64];
    size_t count;
};

/* The next word, or what is between { and }. */
static struct text next_word(struct text *rest)
{
    size_t end = 0, depth = 0;
    struct text word;

    *rest = text_trim(*rest);
    for (; end < rest->length && (depth || !is_blank(rest->at[end])); end++)
        depth = rest->at[end] == '{' ? depth + 1 : rest->at[end] == '}' && depth ? depth - 1 : depth;
    word = text_part(*rest, 0, end);
    *rest = text_part(*rest, end, rest->length);
    return word;
}

static struct text without_braces(struct text word)
{
    if (word.length >= 2 && word.at[0] == '{' && word.at[word.length - 1] == '}')
        word = text_trim(text_part(word, 1, word.length - 2));
    return word;
}

static bool take_service(struct task *t, struct text line, struct service *out)
{
    *out = (struct service){ .arguments = TEXT("") };
    for (size_t i = 0; i < COLUMNS; i++)
        out->columns[i] = next_word(&line);
    for (struct text word = next_word(&line); word.length; word = next_word(&line)) {
        struct setting s = { 0 };

        if (text_equal(word, TEXT("-o")) && out->count < COUNT(out->overrides)
            && take_setting(without_braces(next_word(&line)), &s)) {
            out->overrides[out->count++] = s;
            continue;
        }
        if (out->arguments.length)
            out->arguments = task_join(t, out->arguments, TEXT(" "));
        out->arguments = task_join(t, out->arguments, word);
    }
    return out->columns[COLUMNS - 1].length > 0;
}

static const struct setting *override_named(const struct service *s, struct text name)
{
    for (size_t i = 0; i < s->count; i++)
        if (text_equal(s->overrides[i].name, name))
            return &s->overrides[i];
    return NULL;
}

/* -- what is different -- */

static void note(struct task *t, struct differences *all, struct difference d)
{
    struct difference *more = task_alloc(t, (all->count + 1) * sizeof *more);

    if (all->count)
        memcpy(more, all->items, all->count * sizeof *more);
    more[all->count++] = d;
    all->items = more;
}

static enum outcome compare_main(struct task *t, const char *directory, struct text rendered, struct differences *out)
{
    const char *arguments[ARGUMENTS_MAX] = { "postconf", "-c", directory };
    struct setting wanted[ARGUMENTS_MAX], live;
    size_t count = 0;
    struct heard heard;
    enum outcome o;

    for (struct text line = next_logical(t, &rendered); line.at && count < ARGUMENTS_MAX - 4;
         line = next_logical(t, &rendered))
        if (take_setting(line, &wanted[count])) {
            arguments[3 + count] = task_c_string(t, wanted[count].name);
            count++;
        }
    o = live_ask(t, arguments, &heard);
    if (o != DONE)
        return o;
    for (size_t i = 0; i < count; i++) {
        struct text rest = heard.out, is = { 0 };

        while (rest.length && !is.at) {
            size_t end = text_find(rest, '\n');

            if (take_setting(text_part(rest, 0, end), &live) && text_equal(live.name, wanted[i].name))
                is = plain(t, live.value);
            rest = end == TEXT_NOT_FOUND ? TEXT("") : text_part(rest, end + 1, rest.length);
        }
        if (!is.at || !text_equal(is, wanted[i].value))
            note(t, out, (struct difference){ DIFFERENT_PARAMETER, TEXT("main.cf"), wanted[i].name, is,
                                              wanted[i].value, TEXT(""), TEXT("") });
    }
    return DONE;
}

/* 0: it names none, or one at an address of its own, which is another service. */
static int port_of(struct task *t, const struct service *s)
{
    const char *name = task_c_string(t, s->columns[0]);
    const struct servent *known;
    int64_t number = 0;

    if (!text_equal(s->columns[1], TEXT("inet")) || strchr(name, ':'))
        return 0;
    if (text_to_int64(s->columns[0], &number))
        return (int)number;
    known = getservbyname(name, "tcp");
    return known ? ntohs((uint16_t)known->s_port) : 0;
}

static bool same_service(struct task *t, const struct service *a, const struct service *b)
{
    int port = port_of(t, a);

    if (text_equal(a->columns[0], b->columns[0]) && text_equal(a->columns[1], b->columns[1]))
        return true;
    return port && port == port_of(t, b);
}

static struct text written_override(struct task *t, const struct setting *s)
{
    for (size_t i = 0; i < s->value.length; i++)
        if (is_blank(s->value.at[i]))
            return task_printf(t, " -o { %.*s = %.*s }", (int)s->name.length, s->name.at, (int)s->value.length,
                               s->value.at);
    return task_printf(t, " -o %.*s=%.*s", (int)s->name.length, s->name.at, (int)s->value.length, s->value.at);
}

/* The line that should stand there: ours, with what is the operator's. */
static struct text whole_entry(struct task *t, const struct service *ours, const struct service *live)
{
    struct text line = TEXT(""), arguments = live && !ours->arguments.length ? live->arguments : ours->arguments;

    for (size_t i = 0; i < COLUMNS; i++) {
        bool theirs = live && (i == 0 || text_equal(ours->columns[i], TEXT("-")));

        line = task_join(t, line, theirs ? live->columns[i] : ours->columns[i]);
        line = task_join(t, line, TEXT(" "));
    }
    line = task_join(t, text_trim(line), TEXT(""));
    for (size_t i = 0; i < ours->count; i++)
        line = task_join(t, line, written_override(t, &ours->overrides[i]));
    for (size_t i = 0; live && i < live->count; i++)
        if (!override_named(ours, live->overrides[i].name))
            line = task_join(t, line, written_override(t, &live->overrides[i]));
    return arguments.length ? task_join(t, task_join(t, line, TEXT(" ")), arguments) : line;
}

static struct text shown_entry(struct task *t, const struct service *s)
{
    struct text line = TEXT("");

    for (size_t i = 2; i < COLUMNS; i++)
        line = task_join(t, task_join(t, line, i > 2 ? TEXT(" ") : TEXT("")), s->columns[i]);
    return s->arguments.length ? task_join(t, task_join(t, line, TEXT(" ")), s->arguments) : line;
}

static bool same_columns(const struct service *ours, const struct service *live)
{
    for (size_t i = 2; i < COLUMNS; i++)
        if (!text_equal(ours->columns[i], TEXT("-")) && !text_equal(ours->columns[i], live->columns[i]))
            return false;
    return !ours->arguments.length || text_equal(ours->arguments, live->arguments);
}

static void compare_service(struct task *t, const struct service *ours, const struct service *live,
                            struct differences *out)
{
    const struct service *named = live ? live : ours;
    struct text name = task_printf(t, "%.*s/%.*s", (int)named->columns[0].length, named->columns[0].at,
                                   (int)named->columns[1].length, named->columns[1].at);
    struct difference d = { DIFFERENT_SERVICE, TEXT("master.cf"), name, { 0 }, TEXT(""), name, TEXT("") };

    d.entry = whole_entry(t, ours, live);
    if (!live || !same_columns(ours, live)) {
        if (live)
            d.live = shown_entry(t, live);
        d.rendered = shown_entry(t, ours);
        note(t, out, d);
    }
    for (size_t i = 0; live && i < ours->count; i++) {
        const struct setting *s = &ours->overrides[i], *is = override_named(live, s->name);

        if (is && text_equal(plain(t, is->value), s->value))
            continue;
        d.kind = DIFFERENT_OVERRIDE;
        d.name = task_printf(t, "%s/%.*s", name.at, (int)s->name.length, s->name.at);
        d.live = is ? plain(t, is->value) : (struct text){ 0 };
        d.rendered = s->value;
        note(t, out, d);
    }
}

static enum outcome compare_master(struct task *t, const char *directory, struct text rendered, struct differences *out)
{
    const char *const arguments[] = { "postconf", "-c", directory, "-M", NULL };
    struct heard heard;
    enum outcome o = live_ask(t, arguments, &heard);
    struct service ours, live;

    if (o != DONE)
        return o;
    for (struct text line = next_logical(t, &rendered); line.at; line = next_logical(t, &rendered)) {
        struct text rest = heard.out, there;
        bool found = false;

        if (!take_service(t, line, &ours))
            continue;
        /* The last one counts, where there are several. */
        for (there = next_logical(t, &rest); there.at; there = next_logical(t, &rest)) {
            struct service candidate;

            if (!take_service(t, there, &candidate) || !same_service(t, &ours, &candidate))
                continue;
            live = candidate;
            found = true;
        }
        compare_service(t, &ours, found ? &live : NULL, out);
    }
    return DONE;
}

enum outcome live_compare(struct task *t, const char *directory, struct text main, struct text master,
                          struct differences *out)
{
    enum outcome o;

    *out = (struct differences){ 0 };
    o = compare_main(t, directory, main, out);
    return o == DONE ? compare_master(t, directory, master, out) : o;
}
