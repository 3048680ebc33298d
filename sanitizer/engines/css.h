/* css.h - style sheets of drawings, rebuilt from what was understood (CSS Syntax 3).
 *
 * Kept: declarations of the properties that rules/svg.def names, custom properties (--x), whose values are words,
 * numbers, colours, strings, functions of rules/svg_functions.def, and url() of a place in the same document. Rules
 * with any plain selector; @media. Gone: every other at-rule (@import, @font-face, @namespace, @keyframes …), every
 * other url(), expression(), and whatever does not read as the grammar says. Escapes are decoded before anything is
 * judged and never written. */
#pragma once

#include <glib.h>

/* Appends the value of a property, rebuilt. FALSE when some of it may not cross; out is then as it was. With list, the
 * value is a list of values parted by semicolons (what an animation goes through). */
gboolean mgk_css_value(const char *text, gsize length, gboolean list, GString *out);
/* Appends the declarations of a style attribute. Returns how many were left out. */
guint mgk_css_declarations(const char *text, gsize length, GString *out);
/* Appends a style sheet. Returns how many declarations and rules were left out. */
guint mgk_css_sheet(const char *text, gsize length, GString *out);
