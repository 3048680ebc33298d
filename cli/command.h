/* command.h - the commands of mugaika, one file each. */
#pragma once

#include "exit.h"

/* argv[0] is the command's name; returns the exit code of the program. */
typedef MgkExit (*MgkCommand)(int argc, char **argv);

MgkExit mgk_command_clean(int argc, char **argv);
MgkExit mgk_command_inspect(int argc, char **argv);
MgkExit mgk_command_mail(int argc, char **argv);
MgkExit mgk_command_formats(int argc, char **argv);
MgkExit mgk_command_policy(int argc, char **argv);
MgkExit mgk_command_hold(int argc, char **argv);
MgkExit mgk_command_log(int argc, char **argv);
MgkExit mgk_command_doctor(int argc, char **argv);
MgkExit mgk_command_version(int argc, char **argv);

/* Says what is wrong with the arguments, on standard error; returns MGK_EXIT_USAGE. */
MgkExit mgk_command_misused(const char *message);
/* MGK_EXIT_CROSSED, or MGK_EXIT_CANTCREAT with a message when standard output could not be written. */
MgkExit mgk_command_flush(void);
