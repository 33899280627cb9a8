// SPDX-License-Identifier: GPL-2.0-only
/* TDs and their vCPUs: see td.h. None can be made yet. */
#include "td.h"

#include <errno.h>
#include <json-c/json.h>

#include "seamsim.h"

#define PAGE_TYPE_NDA	0

int td_init(struct sim *sim)
{
	(void)sim;
	return 0;
}

void td_free(struct sim *sim)
{
	(void)sim;
}

void td_reset(struct sim *sim)
{
	(void)sim;
}

static u64 phymem_page_rdmd(struct sim_regs *regs)
{
	regs->rcx = PAGE_TYPE_NDA;
	return TDX_SUCCESS;
}

bool td_leaf(struct sim *sim, unsigned int vcpu, u64 leaf, struct sim_regs *regs)
{
	(void)sim;
	(void)vcpu;

	switch (leaf) {
	case TDH_PHYMEM_PAGE_RDMD:
		regs->rax = phymem_page_rdmd(regs);
		return true;
	default:
		return false;
	}
}

void td_handoff_shutdown(struct sim *sim)
{
	(void)sim;
}

void td_handoff_update(struct sim *sim)
{
	(void)sim;
}

unsigned int td_nr_building(const struct sim *sim)
{
	(void)sim;
	return 0;
}

bool td_page_is_private(const struct sim *sim, u64 pa)
{
	(void)sim;
	(void)pa;
	return false;
}

int td_option(struct sim *sim, const char *key, const char *value,
	      char *err, size_t err_size)
{
	(void)sim;
	(void)key;
	(void)value;
	(void)err;
	(void)err_size;
	return -ENOENT;
}

struct json_object *td_state_json(const struct sim *sim)
{
	(void)sim;
	return json_object_new_array();
}
