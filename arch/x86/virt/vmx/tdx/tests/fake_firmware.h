/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that play the P-SEAMLDR and the TDX module.
 */
#ifndef _SEAMLDR_FAKE_FIRMWARE_H
#define _SEAMLDR_FAKE_FIRMWARE_H

#include <linux/types.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "../seamldr.h"

static inline void forget_fakes(void *unused)
{
	seamldr_fake_seamcall = NULL;
	seamldr_fake_read_machine = NULL;
}

/* Calls that a test makes go to @fake, until the test has ended. */
static inline void fake_firmware(struct kunit *test, typeof(seamldr_seamcall) *fake)
{
	seamldr_fake_seamcall = fake;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, forget_fakes, NULL));
}

/* The same for what a test sees of the machine; after fake_firmware(). */
static inline void fake_machine(typeof(seamldr_read_machine) *fake)
{
	seamldr_fake_read_machine = fake;
}

#endif /* _SEAMLDR_FAKE_FIRMWARE_H */
