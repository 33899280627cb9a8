/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options: one grammar of key=value for plugin arguments and for the control leaf.
 * README.md lists them.
 */
#ifndef SEAMSIM_OPTIONS_H
#define SEAMSIM_OPTIONS_H

#include <stddef.h>

struct json_object;
struct sim;

/*
 * Takes sim->lock. Returns 0, or -EINVAL with a reason in @err and nothing changed.
 * @text is "key=value".
 */
int sim_option(struct sim *sim, const char *text, char *err, size_t err_size);

/* Before any option: what a machine without options is. */
void options_default(struct sim *sim);

/* sim->lock held: the names of the checks that are switched off. */
struct json_object *options_checks_off_json(const struct sim *sim);

#endif
