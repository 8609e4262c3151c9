/* server/api/openapi.c - OpenAPI 3.1, printed from the tables the code runs on
 *
 * A shape gives up to three schemas: what is shown (Mailbox), what creates (MailboxCreate) and what changes
 * (MailboxUpdate). Hints of ours begin with "x-": the command line's option, which texts have several lines, and of each
 * operation its verb and who may, as model/permit.h has it. The tests of the API walk every cell of that.
 */
#include "api/api.h"
#include "api/command_words.h"
#include "api/json.h"
#include "model/problem.h"

#include <string.h>

enum use { SHOWN, CREATES, CHANGES };

static const char *const suffixes[] = { [SHOWN] = "", [CREATES] = "Create", [CHANGES] = "Update" };

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static void set_word(json_t *object, const char *name, const char *value)
{
    set(object, name, json_string(value));
}

static json_t *object_of(const char *name, json_t *value)
{
    json_t *object = json_object();

    set(object, name, value);
    return object;
}

static bool is_used(const struct field *f, enum use use)
{
    if (use == SHOWN)
        return !(f->flags & (SECRET | CREATE_ONLY | INPUT_ONLY));
    if (f->flags & READ_ONLY)
        return false;
    return use == CREATES || !(f->flags & (KEY | CREATE_ONLY));
}

static json_t *nullable(const char *type)
{
    json_t *types = json_array();

    json_array_append_new(types, json_string(type));
    json_array_append_new(types, json_string("null"));
    return types;
}

static void set_length(json_t *schema, int64_t min, int64_t max)
{
    if (min)
        set(schema, "minLength", json_integer(min));
    if (max)
        set(schema, "maxLength", json_integer(max));
}

static json_t *schema_of(struct task *t, const struct shape *shape, enum use use);

static void describe_kind(struct task *t, const struct field *f, enum use use, json_t *schema)
{
    json_t *entry;

    switch (f->kind) { /* every kind sets what it is; the caller adds what it is for */
    case KIND_TEXT:
        set(schema, "type", f->flags & NULLABLE ? nullable("string") : json_string("string"));
        set_length(schema, f->flags & NO_BLANK && f->min == 0 ? 1 : f->min, f->max);
        break;
    case KIND_TEXTS:
        set_word(schema, "type", "array");
        if (f->min)
            set(schema, "minItems", json_integer(f->min));
        if (f->max)
            set(schema, "maxItems", json_integer(f->max));
        entry = object_of("type", json_string("string"));
        set_length(entry, 1, f->entry_max);
        set(schema, "items", entry);
        break;
    case KIND_LIMIT:
    case KIND_INTEGER:
        set(schema, "type", f->kind == KIND_LIMIT ? nullable("integer") : json_string("integer"));
        set(schema, "minimum", json_integer(f->min));
        if (f->max)
            set(schema, "maximum", json_integer(f->max));
        break;
    case KIND_BOOLEAN:
        set_word(schema, "type", "boolean");
        set(schema, "default", json_boolean(f->on));
        break;
    case KIND_MOMENT:
        set(schema, "type", nullable("string"));
        set_word(schema, "format", "date-time");
        break;
    case KIND_SHAPE:
        entry = schema_of(t, f->shape, use);
        json_object_update(schema, entry);
        json_decref(entry);
        break;
    case KIND_ROWS:
        set_word(schema, "type", "array");
        set(schema, "items", schema_of(t, f->shape, use));
        break;
    }
}

static json_t *schema_of_field(struct task *t, const struct field *f, enum use use)
{
    json_t *schema = json_object(), *words;

    describe_kind(t, f, use, schema);
    if (f->doc)
        set_word(schema, "description", f->doc);
    if (f->flags & READ_ONLY)
        set(schema, "readOnly", json_true());
    if (f->flags & SECRET)
        set(schema, "writeOnly", json_true());
    if (f->flags & BYTES)
        set(schema, "x-bytes", json_true());
    if (f->flags & MULTILINE)
        set(schema, "x-multiline", json_true());
    if (use != SHOWN && f->kind != KIND_SHAPE)
        set(schema, "x-cli-option", json_string(command_option(t, f).at));
    if (f->words) {
        words = json_array();
        for (const char *const *w = f->words; *w; w++)
            json_array_append_new(words, json_string(*w));
        set(schema, "enum", words);
    }
    return schema;
}

static json_t *schema_of(struct task *t, const struct shape *shape, enum use use)
{
    json_t *schema = json_object(), *properties = json_object(), *required = json_array();

    for (size_t i = 0; i < shape->count; i++) {
        const struct field *f = &shape->fields[i];

        if (!is_used(f, use))
            continue;
        set(properties, f->name, schema_of_field(t, f, use));
        if ((use == SHOWN && !(f->flags & ONCE)) || (use == CREATES && f->flags & REQUIRED))
            json_array_append_new(required, json_string(f->name));
    }
    set_word(schema, "type", "object");
    set(schema, "properties", properties);
    if (json_array_size(required))
        json_object_set(schema, "required", required);
    json_decref(required);
    set(schema, "additionalProperties", json_false());
    return schema;
}

static json_t *reference(struct task *t, const char *kind, const char *name, const char *suffix)
{
    return object_of("$ref", json_string(task_printf(t, "#/components/%s/%s%s", kind, name, suffix).at));
}

static json_t *content_of(const char *type, json_t *schema)
{
    return object_of(type, object_of("schema", schema));
}

static void add_schema(struct task *t, json_t *schemas, const struct shape *shape, enum use use)
{
    const char *name = task_printf(t, "%s%s", shape->name, suffixes[use]).at;

    if (!json_object_get(schemas, name))
        set(schemas, name, schema_of(t, shape, use));
}

static json_t *list_schema(struct task *t, const struct shape *of)
{
    json_t *properties = json_object(), *schema = json_object(), *array = json_object(), *required = json_array();

    set_word(array, "type", "array");
    set(array, "items", reference(t, "schemas", of->name, ""));
    set(properties, "items", array);
    set(properties, "next", object_of("type", nullable("string")));
    set(properties, "total", object_of("type", json_string("integer")));
    json_array_append_new(required, json_string("items"));
    json_array_append_new(required, json_string("next"));
    set_word(schema, "type", "object");
    set(schema, "properties", properties);
    set(schema, "required", required);
    return schema;
}

static json_t *parameter(struct task *t, const char *name, const char *in, const struct field *f)
{
    json_t *p = json_object();

    set_word(p, "name", name);
    set_word(p, "in", in);
    if (strcmp(in, "path") == 0)
        set(p, "required", json_true());
    if (f && f->doc)
        set_word(p, "description", f->doc);
    set(p, "schema", f ? schema_of_field(t, f, SHOWN) : object_of("type", json_string("string")));
    return p;
}

/* NAME=VALUE: may stand there, and says nothing. */
static json_t *fixed_parameter(struct task *t, struct text query)
{
    size_t sign = text_find(query, '=');
    json_t *p = parameter(t, task_c_string(t, text_part(query, 0, sign)), "query", NULL);
    struct text value = text_part(query, sign + 1, query.length);

    set(p, "schema", json_pack("{s:s, s:[s%]}", "type", "string", "enum", value.at, value.length));
    return p;
}

static json_t *parameters_of(struct task *t, const struct route *r, const struct verb *v)
{
    json_t *list = json_array();
    struct text path = text_of(r->path);
    size_t open = text_find(path, '{'), close = text_find(path, '}');

    if (open != TEXT_NOT_FOUND)
        json_array_append_new(list, parameter(t, task_c_string(t, text_part(path, open + 1, close - open - 1)), "path",
                                              NULL));
    if (v->act == ACT_LIST)
        for (size_t i = 0; i < page_shape.count; i++)
            if (listing_knows(v->of ? v->of->listing : NULL, &page_shape.fields[i]))
                json_array_append_new(list, parameter(t, page_shape.fields[i].name, "query", &page_shape.fields[i]));
    if (route_query(r))
        json_array_append_new(list, fixed_parameter(t, text_of(route_query(r))));
    if (v->act == ACT_UPDATE || v->act == ACT_DELETE)
        json_array_append_new(list, parameter(t, "If-Match", "header", NULL));
    return list;
}

static enum use use_of(const struct route *r)
{
    return r->method == METHOD_PATCH ? CHANGES : CREATES;
}

static json_t *responses_of(struct task *t, const struct verb *v)
{
    json_t *responses = json_object(), *fine = json_object();
    const char *status = v->act == ACT_CREATE && v->gives ? "201" : v->gives ? "200" : "204";

    set_word(fine, "description", v->summary);
    if (v->gives)
        set(fine, "content", content_of("application/json", verb_gives_list(v)
                                                                ? list_schema(t, v->gives)
                                                                : reference(t, "schemas", v->gives->name, "")));
    set(responses, status, fine);
    set(responses, "default", reference(t, "responses", "Problem", ""));
    return responses;
}

static json_t *permit_of(enum may may)
{
    static const char *const words[] = { [REACH_NONE] = "none", [REACH_OWN_DOMAINS] = "own", [REACH_ALL] = "all" };
    json_t *object = json_object();

    for (int role = ROLE_NOBODY; role < ROLES; role++)
        set_word(object, role_words[role], words[permit_reach(may, (enum role)role)]);
    return object;
}

static void set_rights(json_t *operation, const struct verb *v)
{
    bool list = v->act == ACT_LIST;

    set_word(operation, "x-verb", v->name);
    set(operation, "x-permit", permit_of(v->may));
    set(operation, "x-only-reads", json_boolean(verb_only_reads(v)));
    if (v->of && v->of->ranked && !list)
        set(operation, "x-ranked", json_true());
    if (list && v->of && v->of->listing && v->of->listing->domain)
        set(operation, "x-by-domain", json_true());
}

static json_t *operation_of(struct task *t, const struct route *r, const struct verb *v)
{
    json_t *operation = json_object(), *body, *tags = json_array();
    const char *type = r->method == METHOD_PATCH ? "application/merge-patch+json" : "application/json";
    struct text noun = text_part(text_of(v->name), 0, text_find(text_of(v->name), '.'));
    bool under = (v->act == ACT_LIST || v->act == ACT_CREATE) && strchr(r->path, '{');

    set_word(operation, "operationId", task_printf(t, "%s%s", v->name, under ? ".in-domain" : "").at);
    set_word(operation, "summary", v->summary);
    json_array_append_new(tags, json_stringn(noun.at, noun.length));
    set(operation, "tags", tags);
    set_rights(operation, v);
    set(operation, "parameters", parameters_of(t, r, v));
    if (v->takes) {
        body = json_object();
        set(body, "required", json_true());
        set(body, "content", content_of(type, reference(t, "schemas", v->takes->name, suffixes[use_of(r)])));
        set(operation, "requestBody", body);
    }
    set(operation, "responses", responses_of(t, v));
    if (v->may == MAY_LOG_IN)
        set(operation, "security", json_array());
    return operation;
}

static json_t *codes(void)
{
    json_t *all = json_array();

    for (const struct problem_kind *const *k = base_problems; *k; k++)
        json_array_append_new(all, json_string((*k)->code));
    for (const struct problem_kind *const *k = model_problems; *k; k++)
        json_array_append_new(all, json_string((*k)->code));
    return all;
}

static void add_problem_schemas(struct task *t, json_t *schemas)
{
    json_t *error, *problem;

    error = json_pack("{s:s, s:[s,s,s], s:{s:{s:s}, s:{s:s, s:o}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object",
                      "required", "field", "code", "detail", "properties", "field", "type", "string", "code", "type",
                      "string", "enum", codes(), "detail", "type", "string", "min", "type", "integer", "max", "type",
                      "integer", "record", "type", "integer");
    problem = json_pack("{s:s, s:[s,s,s,s,s], s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:o}}}", "type", "object",
                        "required", "type", "title", "status", "detail", "errors", "properties", "type", "type",
                        "string", "title", "type", "string", "status", "type", "integer", "detail", "type", "string",
                        "errors", "type", "array", "items", reference(t, "schemas", "ProblemError", ""));
    set(schemas, "ProblemError", error);
    set(schemas, "Problem", problem);
}

static json_t *components(struct task *t)
{
    json_t *all = json_object(), *schemas = json_object(), *response = json_object();

    for (const struct route *r = routes; r->path; r++) {
        const struct verb *v = verb_named(text_of(r->verb));

        if (v->gives)
            add_schema(t, schemas, v->gives, SHOWN);
        if (v->takes)
            add_schema(t, schemas, v->takes, use_of(r));
    }
    add_problem_schemas(t, schemas);
    set(all, "schemas", schemas);
    set_word(response, "description", "What is wrong, field by field (RFC 9457).");
    set(response, "content", content_of("application/problem+json", reference(t, "schemas", "Problem", "")));
    set(all, "responses", object_of("Problem", response));
    set(all, "securitySchemes", json_pack("{s:{s:s, s:s, s:s}, s:{s:s, s:s}}", "session", "type", "apiKey", "in", "cookie",
                                          "name", "postreeve_session", "token", "type", "http", "scheme", "bearer"));
    return all;
}

static json_t *paths(struct task *t)
{
    json_t *all = json_object();

    for (const struct route *r = routes; r->path; r++) {
        json_t *path = json_object_get(all, r->path);

        if (!path) {
            path = json_object();
            set(all, r->path, path);
        }
        set(path, task_lower(t, text_of(method_words[r->method])).at,
            operation_of(t, r, verb_named(text_of(r->verb))));
    }
    return all;
}

struct text api_openapi(struct task *t)
{
    json_t *root = json_object();

    set_word(root, "openapi", "3.1.0");
    set(root, "info", json_pack("{s:s, s:s, s:s}", "title", "postreeve", "version", POSTREEVE_VERSION, "description",
                                "Administration of virtual mail domains."));
    set(root, "paths", paths(t));
    set(root, "components", components(t));
    set(root, "security", json_pack("[{s:[]}, {s:[]}]", "session", "token"));
    return json_text(t, root, true);
}
