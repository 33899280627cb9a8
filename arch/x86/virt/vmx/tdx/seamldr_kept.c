// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image that runs, kept in memory so that an update that fails can be taken
 * back while the CPUs are still stopped.
 *
 * The module that the firmware loaded at boot cannot be read, so there is none
 * before the first update. An upload of the version that runs provides one.
 */

#define pr_fmt(fmt)	"virt/tdx: " fmt

#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#include <kunit/visibility.h>

#include <asm/page.h>

#include "seamldr.h"

/* Protected by the update lock */
static struct {
	u8 *image;
	struct seamldr_params *params;
} kept;

static int fill_kept_params(size_t size)
{
	struct seamldr_verdict verdict;
	struct seamldr_blob blob;
	int ret;

	ret = seamldr_blob_parse(kept.image, size, &blob, &verdict);
	return ret ?: seamldr_fill_params(kept.params, &blob);
}

static void drop_image(void)
{
	vfree(kept.image);
	kfree(kept.params);
	kept.image = NULL;
	kept.params = NULL;
}

/**
 * seamldr_keep_image() - Keep the image that was just installed
 * @image: the image
 * @size: its size in bytes
 *
 * If that fails none is kept: the one before is not what runs.
 *
 * Context: Process context. The update lock is held.
 */
void seamldr_keep_image(const u8 *image, size_t size)
{
	drop_image();

	kept.image = vmalloc(size);
	kept.params = kmalloc_obj(*kept.params);
	if (kept.image && kept.params) {
		memcpy(kept.image, image, size);
		if (!fill_kept_params(size))
			return;
	}

	drop_image();
	pr_warn("cannot keep the module: the next update cannot be rolled back\n");
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_keep_image);

/**
 * seamldr_kept_params_pa() - Where SEAMLDR_PARAMS of the running module are
 *
 * Context: The update lock is held.
 * Return: The physical address, 0 if no image is kept.
 */
phys_addr_t seamldr_kept_params_pa(void)
{
	return kept.params ? __pa(kept.params) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_kept_params_pa);
