/* server/base/problem.c */
#include "base/problem.h"

#define DEFINE_PROBLEM(name, words) const struct problem_kind problem_##name = { #name, words };
BASE_PROBLEMS(DEFINE_PROBLEM)

#define LIST_PROBLEM(name, words) &problem_##name,
const struct problem_kind *const base_problems[] = { BASE_PROBLEMS(LIST_PROBLEM) NULL };
