/* server/programs/command_read.c - from arguments to a request */
#include "programs/command.h"

#include "api/command_words.h"
#include "model/address.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_FILE_MAX 8192

struct reading {
    struct task *t;
    struct command *out;
    void *body;
    char **argv;
    int argc, at;
};

bool size_from_people(struct text given, int64_t *out)
{
    static const char units[] = "KMGT";
    char last = given.length ? given.at[given.length - 1] : '0';
    const char *unit = last == '\0' ? NULL : strchr(units, last >= 'a' ? last - 'a' + 'A' : last);
    struct text number = text_part(given, 0, given.length - (unit ? 1 : 0));

    if (!text_to_int64(number, out))
        return false;
    for (const char *u = units; unit && u <= unit; u++)
        if (__builtin_mul_overflow(*out, 1024, out))
            return false;
    return true;
}

static enum outcome refuse_argument(struct reading *r)
{
    struct text word = text_of(r->argv[r->at - 1]);
    bool is_option = text_starts(word, TEXT("--"));

    /* Without what stands behind an equals sign: it may be a password. */
    r->out->stranger = task_c_string(r->t, is_option ? text_part(word, 0, text_find(word, '=')) : word);
    return INVALID;
}

static enum outcome next_value(struct reading *r, const char *option, struct text *out)
{
    if (r->at >= r->argc)
        return task_problem(r->t, option, &problem_required);
    *out = text_of(r->argv[r->at++]);
    return DONE;
}

static enum outcome set_limit(struct reading *r, const struct field *f, const char *option, struct text given,
                              struct limit *out)
{
    *out = (struct limit){ 0 };
    if (text_equal(given, TEXT("none")) || text_equal(given, TEXT("unlimited")))
        return DONE;
    out->bounded = true;
    if (!(f->flags & BYTES ? size_from_people(given, &out->most) : text_to_int64(given, &out->most)))
        return task_problem(r->t, option, &problem_wrong_type);
    return field_check_integer(r->t, f, option, out->most);
}

static enum outcome set_moment(struct reading *r, const char *option, struct text given, struct moment *out)
{
    *out = (struct moment){ 0 };
    return text_equal(given, TEXT("none")) ? DONE : moment_read(r->t, option, given, out);
}

/* A list's option may be repeated: --to a@x --to b@x. The list is checked whole at the end. */
static enum outcome add_text(struct reading *r, struct text given, struct texts *list)
{
    struct text *items = task_alloc(r->t, (list->count + 1) * sizeof *items);

    if (list->count)
        memcpy(items, list->items, list->count * sizeof *items);
    items[list->count] = given;
    *list = (struct texts){ items, list->count + (given.length ? 1 : 0) }; /* --to '' empties it */
    return DONE;
}

static enum outcome set_field(struct reading *r, const struct field *f, const char *option, bool off, void *at)
{
    struct text given = TEXT("");
    enum outcome o = DONE;

    if (f->kind == KIND_BOOLEAN) {
        *(bool *)at = !off;
        return DONE;
    }
    if (off)
        return refuse_argument(r);
    o = next_value(r, option, &given);
    if (o != DONE)
        return o;
    switch (f->kind) {
    case KIND_TEXT:
        *(struct text *)at = given;
        return field_check_text(r->t, f, option, at);
    case KIND_TEXTS: return add_text(r, given, at);
    case KIND_LIMIT: return set_limit(r, f, option, given, at);
    case KIND_INTEGER:
        if (!text_to_int64(given, at))
            return task_problem(r->t, option, &problem_wrong_type);
        return field_check_integer(r->t, f, option, *(int64_t *)at);
    case KIND_MOMENT: return set_moment(r, option, given, at);
    default: return task_problem(r->t, option, &problem_read_only);
    }
}

/* Finds the option among the fields of a shape and of the shapes inside it; notes it as given. */
static const struct field *find_option(struct reading *r, const struct shape *s, struct text option, void *value,
                                       field_set *given, void **at)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i], *inner;
        void *here = field_at(f, value);

        if (f->flags & (READ_ONLY | SECRET))
            continue;
        if (f->kind == KIND_SHAPE) {
            inner = find_option(r, f->shape, option, here, here, at); /* it begins with its `given` */
            if (inner)
                *given |= (field_set)1 << i;
            if (inner)
                return inner;
        } else if (text_equal(command_option(r->t, f), option)) {
            *given |= (field_set)1 << i;
            *at = here;
            return f;
        }
    }
    return NULL;
}

/* All of a file, or one line of a terminal, which has no end before somebody presses Ctrl-D. */
static enum outcome read_secret_file(struct reading *r, const char *option, int from, struct text *out)
{
    char *room = task_alloc(r->t, SECRET_FILE_MAX);
    size_t length = 0;
    bool typed = isatty(from);
    ssize_t got;

    while (length < SECRET_FILE_MAX && (got = read(from, room + length, SECRET_FILE_MAX - length)) > 0) {
        length += (size_t)got;
        if (typed && room[length - 1] == '\n')
            break;
    }
    if (length == SECRET_FILE_MAX)
        return task_problem_figure(r->t, option, &problem_too_long, "max", SECRET_FILE_MAX);
    while (length && (room[length - 1] == '\n' || room[length - 1] == '\r'))
        length--;
    *out = (struct text){ room, length };
    return DONE;
}

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

/* Ctrl-C ends the program only after the terminal shows again what is typed. */
static enum outcome prompt(struct reading *r, struct text *out)
{
    struct sigaction caught = { .sa_handler = interrupt }, interrupt_before, end_before; /* no SA_RESTART: read() ends */
    struct termios before, silent;
    enum outcome o;

    sigaction(SIGINT, &caught, &interrupt_before);
    sigaction(SIGTERM, &caught, &end_before);
    tcgetattr(STDIN_FILENO, &before);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    fprintf(stderr, "Password: "); /* after the flush, which would take what is typed in answer to it */
    o = read_secret_file(r, "password-stdin", STDIN_FILENO, out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    sigaction(SIGINT, &interrupt_before, NULL);
    sigaction(SIGTERM, &end_before, NULL);
    if (interrupted)
        raise(interrupted);
    return o;
}

static const struct field *secret_field(const struct verb *v)
{
    for (size_t i = 0; v->takes && i < v->takes->count; i++)
        if (v->takes->fields[i].flags & SECRET)
            return &v->takes->fields[i];
    return NULL;
}

static enum outcome set_secret(struct reading *r, const struct field *f, struct text given)
{
    r->out->in.given |= (field_set)1 << (f - r->out->verb->takes->fields);
    *(struct text *)field_at(f, r->body) = given;
    return field_check_text(r->t, f, f->name, field_at(f, r->body));
}

static enum outcome read_secret(struct reading *r, const struct field *f, struct text option)
{
    struct text path, secret = { 0 };
    enum outcome o;
    const char *name = task_c_string(r->t, option);
    int from;

    if (text_ends(option, TEXT("-stdin"))) {
        o = read_secret_file(r, name, STDIN_FILENO, &secret);
        return o == DONE ? set_secret(r, f, secret) : o;
    }
    o = next_value(r, name, &path);
    if (o != DONE)
        return o;
    from = open(path.at, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        fprintf(stderr, "postreeve: %s: %s\n", path.at, strerror(errno));
        return task_problem(r->t, name, &problem_malformed);
    }
    o = read_secret_file(r, name, from, &secret);
    close(from);
    return o == DONE ? set_secret(r, f, secret) : o;
}

static enum outcome read_page_option(struct reading *r, struct text option, bool off)
{
    const char *name = option.at;
    const struct field *f = shape_field(&page_shape, off ? text_part(option, 3, option.length) : option);

    if (r->out->verb->act != ACT_LIST || !f || !listing_knows(r->out->verb->of ? r->out->verb->of->listing : NULL, f))
        return refuse_argument(r);
    r->out->in.page.given |= (field_set)1 << (f - page_shape.fields);
    return set_field(r, f, name, off, field_at(f, &r->out->in.page));
}

struct text command_secret(struct task *t, const struct field *f)
{
    return f->flags & MULTILINE ? command_option(t, f) : TEXT("password");
}

static bool is_option_of(struct task *t, const struct field *secret, struct text option)
{
    struct text stem = command_secret(t, secret);

    return text_equal(option, task_join(t, stem, TEXT("-stdin"))) || text_equal(option, task_join(t, stem, TEXT("-file")));
}

static enum outcome read_option(struct reading *r, struct text option)
{
    const struct verb *v = r->out->verb;
    const struct field *secret = secret_field(v), *f = NULL;
    bool off = text_starts(option, TEXT("no-"));
    void *at = NULL;
    const char *name = option.at;

    if (text_equal(option, TEXT("json")) || text_equal(option, TEXT("help"))) {
        *(option.at[0] == 'j' ? &r->out->as_json : &r->out->wants_help) = true;
        return DONE;
    }
    if (text_equal(option, TEXT("if-match")))
        return next_value(r, "if-match", &r->out->in.if_match);
    if (secret && is_option_of(r->t, secret, option))
        return read_secret(r, secret, option);
    if (v->takes)
        f = find_option(r, v->takes, off ? text_part(option, 3, option.length) : option, r->body,
                        &r->out->in.given, &at);
    if (!f)
        return read_page_option(r, option, off);
    return set_field(r, f, name, off, at);
}

/* The argument without an option: the key, or for a list the domain. A creation's key is a field of its body. */
static enum outcome read_key(struct reading *r, struct text given)
{
    const struct verb *v = r->out->verb;
    const struct field *f;
    enum outcome o;

    if (!v->of || r->out->in.key.at || r->out->in.domain.at || !command_has_key(v))
        return refuse_argument(r);
    if (v->act == ACT_LIST) {
        o = domain_canon(r->t, "domain", given, &r->out->in.domain);
        return o;
    }
    o = v->of->canon(r->t, v->of->key, given, &r->out->in.key);
    if (o == DONE && v->act == ACT_CREATE) {
        f = shape_field(v->takes, text_of(v->of->key));
        *(struct text *)field_at(f, r->body) = r->out->in.key;
        r->out->in.given |= (field_set)1 << (f - v->takes->fields);
    }
    return o;
}

static enum outcome check_lists(struct reading *r, const struct shape *s, void *value, field_set given, bool creating)
{
    enum outcome o = DONE;

    for (size_t i = 0; s && i < s->count; i++) {
        const struct field *f = &s->fields[i];
        bool here = given >> i & 1;
        enum outcome one = DONE;

        if (f->kind == KIND_SHAPE && here)
            one = check_lists(r, f->shape, field_at(f, value), *(field_set *)field_at(f, value), false);
        else if (f->kind == KIND_TEXTS && here)
            one = field_check_texts(r->t, f, command_option(r->t, f).at, field_at(f, value));
        else if (creating && (f->flags & REQUIRED) && !here)
            one = task_problem(r->t, command_option(r->t, f).at, &problem_required);
        if (one != DONE)
            o = one;
    }
    return o;
}

/* Nobody is asked to type a password that is to be generated. */
static bool is_generated(const struct reading *r)
{
    const struct field *f = r->out->verb->takes ? shape_field(r->out->verb->takes, TEXT("generate_password")) : NULL;

    return f && *(const bool *)field_in(f, r->body);
}

static enum outcome finish(struct reading *r)
{
    const struct verb *v = r->out->verb;
    const struct field *secret = secret_field(v);
    bool needs_key = v->act != ACT_LIST && command_has_key(v);
    struct text given;
    enum outcome o = DONE;

    if (needs_key && !r->out->in.key.at)
        return task_problem(r->t, v->of->key, &problem_required);
    if (secret && !(secret->flags & MULTILINE) && v->act == ACT_CREATE && !(r->out->in.given >> (secret - v->takes->fields) & 1)
        && !is_generated(r) && isatty(STDIN_FILENO)) {
        o = prompt(r, &given);
        if (o == DONE)
            o = set_secret(r, secret, given);
    }
    if (o == DONE)
        o = check_lists(r, v->takes, r->body, r->out->in.given, v->act == ACT_CREATE);
    return o;
}

bool command_has_key(const struct verb *v)
{
    const struct field *key = v->of ? shape_field(v->of->shape, text_of(v->of->key)) : NULL;

    if (v->act == ACT_CREATE && key && key->flags & READ_ONLY)
        return false; /* what is new gets its number */
    return v->of != NULL;
}

bool command_offers(const struct verb *v)
{
    switch (v->may) {
    case MAY_LOG_IN:
    case MAY_SEE_SESSION:
    case MAY_RENEW_PASSWORD:
    case MAY_USE_ACCOUNT:
    case MAY_USE_MAILBOX: return false; /* the command line is nobody's session */
    default: return true;
    }
}

enum outcome command_read(struct task *t, int argc, char **argv, struct command *out)
{
    struct reading r = { .t = t, .out = out, .argv = argv, .argc = argc, .at = 2 };
    enum outcome all = DONE;

    *out = (struct command){ 0 };
    if (argc < 2)
        return MISSING;
    out->verb = verb_named(task_printf(t, "%s.%s", argv[0], argv[1]));
    if (!out->verb || !command_offers(out->verb))
        return MISSING;
    if (out->verb->takes) {
        r.body = task_alloc(t, out->verb->takes->size);
        shape_defaults(out->verb->takes, r.body);
        out->in.body = r.body;
    }
    while (r.at < argc && !out->stranger) {
        struct text given = text_of(argv[r.at++]);
        enum outcome o = text_starts(given, TEXT("--")) ? read_option(&r, text_part(given, 2, given.length))
                                                        : read_key(&r, given);

        if (o != DONE)
            all = o;
    }
    return all == DONE && !out->wants_help ? finish(&r) : all;
}
