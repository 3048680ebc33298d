/* policy_file.h - the operator's decisions as an INI file (mugaika-policy(5)).
 *
 * [general] a few choices, [actions] kind = action, [limits] name = number with K, M or G (powers of 1024). What a file
 * does not say keeps its present value. Everything unknown is an error: a misspelt key must not silently mean the
 * default. */
#pragma once

#include "model/error.h"
#include "model/policy.h"

/* Applies text (UTF-8, length bytes, at most 1 MiB) to policy, which is untouched on failure. name is shown in
 * messages. Errors: MGK_ERROR_USAGE; the message has one line a problem, "name:LINE: [section] key: what is wrong". */
gboolean mgk_policy_file_parse(MgkPolicy *policy, const char *name, const char *text, gsize length, GError **error);
/* Reads and applies the file at path. Errors: as above; MGK_ERROR_USAGE also when it cannot be read. */
gboolean mgk_policy_file_load(MgkPolicy *policy, const char *path, GError **error);
/* A complete file with every key, its meaning, default and choices as comments in the language of words.h, set to the
 * values of policy. Owned by the caller. */
char *mgk_policy_file_generate(const MgkPolicy *policy);
/* A short identification of the effective values (16 hex digits): equal policies, equal ids. Owned by the caller. */
char *mgk_policy_file_id(const MgkPolicy *policy);
/* "remove hold block": the actions a kind allows, in order, joined by separator. Owned by the caller. */
char *mgk_policy_file_choices(MgkKind kind, const char *separator);
