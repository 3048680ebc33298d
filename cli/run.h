/* run.h - one run of `clean` or `inspect`: all inputs through the sanitizer, results published, reports printed. */
#pragma once

#include "exit.h"
#include "options.h"

/* Reports every input exactly once, in order, whatever happens. Returns the exit code. */
MgkExit mgk_run(const MgkOptions *options);
