// SPDX-License-Identifier: GPL-2.0
/*
 * Linux talks to the secure partitions of manifests/examples/secure_linux.dts, or to the same ones
 * as VMs in linux_ffa.dts, through the kernel's own FF-A driver (6.1 and later): asks the adder
 * from every CPU, and leaves a value in the vault. What it got is in the kernel's log. The messages
 * are those of vmlib/examples/secure/secure_messages.h.
 */
#include <linux/arm_ffa.h>
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/smp.h>

#define ADD       1
#define VAULT_PUT 1
#define VAULT_GET 2
#define YES       0x79657321ul
#define SLOT      3
#define SECRET    0x5ec2e7ul

/* As the kernel writes UUIDs: the words of the manifest byte by byte. */
static const uuid_t vault =
    UUID_INIT(0x013c1a7f, 0x109e, 0x2b4d, 0x91, 0x5a, 0x6e, 0x8c, 0x01, 0x00, 0x00, 0x00);
static const uuid_t adder =
    UUID_INIT(0x013c1a7f, 0x109e, 0x2b4d, 0x91, 0x5a, 0x6e, 0x8c, 0x02, 0x00, 0x00, 0x00);

/* A request and its answer. */
struct exchange {
    struct ffa_device *device;
    struct ffa_send_direct_data data;
    int result;
};

static int send(void *argument)
{
    struct exchange *exchange = argument;

    exchange->result =
        exchange->device->ops->msg_ops->sync_send_receive(exchange->device, &exchange->data);
    return 0;
}

static bool is_yes(const struct exchange *exchange)
{
    return exchange->result == 0 && exchange->data.data0 == YES;
}

/* Each CPU has a context of its own. */
static bool visit_adder(struct ffa_device *device)
{
    unsigned int cpu;
    bool good = true;

    for_each_online_cpu(cpu)
    {
        struct exchange ask = {.device = device, .data = {ADD, 40, cpu}};

        smp_call_on_cpu(cpu, send, &ask, false);
        pr_info("bulkhead: CPU %u: 40 + %u = %lu, says context %lu of the adder (%d)\n", cpu, cpu,
                ask.data.data1, ask.data.data2, ask.result);
        good = good && is_yes(&ask) && ask.data.data1 == 40 + cpu && ask.data.data2 == cpu;
    }
    return good;
}

static bool visit_vault(struct ffa_device *device)
{
    struct exchange put = {.device = device, .data = {VAULT_PUT, SLOT, SECRET}};
    struct exchange get = {.device = device, .data = {VAULT_GET, SLOT}};

    send(&put);
    send(&get);
    pr_info("bulkhead: the vault gave back 0x%lx (%d)\n", get.data.data1, get.result);
    return is_yes(&put) && is_yes(&get) && get.data.data1 == SECRET;
}

static int bulkhead_probe(struct ffa_device *device)
{
    bool is_adder = uuid_equal(&device->uuid, &adder);
    bool good = is_adder ? visit_adder(device) : visit_vault(device);

    pr_info("bulkhead: partition 0x%x, the %s, %s\n", device->vm_id, is_adder ? "adder" : "vault",
            good ? "answered" : "FAILED");
    return good ? 0 : -EIO;
}

static const struct ffa_device_id bulkhead_ids[] = {
    {UUID_INIT(0x013c1a7f, 0x109e, 0x2b4d, 0x91, 0x5a, 0x6e, 0x8c, 0x01, 0x00, 0x00, 0x00)},
    {UUID_INIT(0x013c1a7f, 0x109e, 0x2b4d, 0x91, 0x5a, 0x6e, 0x8c, 0x02, 0x00, 0x00, 0x00)},
    {}};

static struct ffa_driver bulkhead_driver = {
    .name = "bulkhead-ffa",
    .probe = bulkhead_probe,
    .id_table = bulkhead_ids,
};
module_ffa_driver(bulkhead_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Messages to the secure partitions of Bulkhead's example");
