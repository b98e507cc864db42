/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partner of the notification and message suites: a receiver and sender with either interrupt
 * model, in any version of FF-A, that tells the test what has happened to it.
 */
#include "hftest.h"
#include "services/agent_message.h"
#include "services/service_ids.h"
#include "vmapi/bh.h"

#define VCPUS 2

static uint8_t tx[MESSAGE_BUFFER] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[MESSAGE_BUFFER] __attribute__((aligned(FFA_PAGE_SIZE)));

static struct {
    uint64_t version;
    uint32_t npi;
    bool has_gic, retrieves, echoes;
    /* The diary. */
    uint64_t last_wake;
    uint32_t wakes;
    volatile uint32_t npis;
    uint64_t got[VCPUS], framework[VCPUS];
    uint16_t sender;
    uint32_t size, messages, bad;
} agent;

static uint64_t code_of(struct ffa_value value)
{
    return (uint64_t)(int64_t)ffa_error_code(&value);
}

static bool has(uint64_t feature)
{
    struct ffa_value value = ffa_features(feature);

    return value.x[0] == FFA_SUCCESS_32;
}

static void on_irq(void)
{
    uint32_t intid = agent.has_gic ? gic_acknowledge() : (uint32_t)ffa_call(BH_INTERRUPT_GET).x[0];

    agent.npis += intid == agent.npi ? 1 : 0;
    if (agent.has_gic && intid != GIC_SPURIOUS) {
        gic_end(intid);
    }
}

static void listen(bool on)
{
    exception_set_irq(on_irq);
    if (!agent.has_gic) {
        (void)ffa_call(BH_INTERRUPT_ENABLE, agent.npi, on ? 1 : 0, BH_INTERRUPT_IRQ);
        return;
    }
    if (on) {
        gic_init_dist();
        gic_init_cpu();
        gic_enable(agent.npi);
    } else {
        gic_disable(agent.npi);
    }
}

static void agent_init(void)
{
    agent.version = has(FFA_PARTITION_INFO_GET_REGS_64) ? FFA_VERSION_1_2
                    : has(FFA_MSG_SEND2_32)             ? FFA_VERSION_1_1
                                                        : FFA_VERSION_1_0;
    agent.npi = (uint32_t)ffa_features(FFA_FEATURE_ID_NPI).x[2];
    agent.has_gic = gic_dist_base() != 0;
    listen(false); /* SPs have it enabled from the start */
}

/* ---- messages ---- */

static struct ffa_value send(uint16_t receiver, uint32_t size)
{
    struct ffa_message_header_v1_1 *header = (void *)tx;

    switch (agent.version) {
    case FFA_VERSION_1_0:
        return ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(ffa_id_get(), receiver), 0, size, 1);
    case FFA_VERSION_1_1:
        *header = (struct ffa_message_header_v1_1){
            .offset = sizeof(*header), .receiver = receiver, .sender = ffa_id_get(), .size = size};
        return ffa_call(FFA_MSG_SEND2_32);
    default:
        return ffa_send2(tx, receiver, size);
    }
}

/* Where the payload of this version's messages begins. */
static uint32_t payload_at(void)
{
    return agent.version == FFA_VERSION_1_0   ? 0
           : agent.version == FFA_VERSION_1_1 ? sizeof(struct ffa_message_header_v1_1)
                                              : sizeof(struct ffa_message_header);
}

/* Notes a message; RX is free again. */
static void take(uint16_t sender, uint32_t offset, uint32_t size)
{
    agent.messages++;
    agent.sender = sender;
    agent.size = size;
    agent.bad += offset == payload_at() && message_is_whole(rx + offset, size) ? 0 : 1;
    if (agent.echoes) {
        memcpy(tx + payload_at(), rx + offset, size);
    }
    (void)ffa_call(FFA_RX_RELEASE_32);
    while (agent.echoes) {
        struct ffa_value result = send(sender, size);

        if (ffa_error_code(&result) != FFA_BUSY) {
            break;
        }
        (void)ffa_yield();
    }
}

static void take_from_header(void)
{
    struct ffa_message_header_v1_1 header;

    memcpy(&header, rx, sizeof(header));
    agent.bad += header.receiver == ffa_id_get() ? 0 : 1;
    take(header.sender, header.offset, header.size);
}

/* ---- being woken ---- */

static void retrieve(uint16_t vcpu)
{
    struct ffa_value got = ffa_notification_get(vcpu, FFA_NOTIFICATION_GET_ALL);
    uint64_t framework = got.x[6] | got.x[7];

    if (ffa_is_error(&got)) {
        return;
    }
    agent.got[vcpu] |= ffa_notified_by_vms(&got) | ffa_notified_by_sps(&got);
    agent.framework[vcpu] |= framework;
    if ((framework & FFA_NOTIFICATION_RX_FULL) != 0) {
        take_from_header();
    }
}

static void woken(const struct ffa_value *message)
{
    agent.last_wake = message->x[0];
    agent.wakes++;
    cpu_irq_enable();
    cpu_isb();
    cpu_irq_disable();
    if (message->x[0] == FFA_MSG_SEND_32) {
        take(ffa_sender(message), 0, (uint32_t)message->x[3]);
    } else if (agent.retrieves) {
        retrieve(0);
    }
}

static void second(uint64_t argument)
{
    (void)argument;
    for (;;) {
        (void)ffa_msg_wait();
        retrieve(1);
    }
}

/* ---- requests ---- */

struct answer {
    uint64_t x[3];
};

static struct answer answer_got(uint64_t code, uint64_t bits, uint64_t framework)
{
    return (struct answer){{code, bits, framework}};
}

static struct answer notification_call(const uint64_t *x)
{
    struct ffa_value got;

    switch (x[0]) {
    case AGENT_BIND:
        return answer_got(code_of(ffa_notification_bind((uint16_t)x[1], x[2], x[3])), 0, 0);
    case AGENT_UNBIND:
        return answer_got(code_of(ffa_notification_unbind((uint16_t)x[1], x[2])), 0, 0);
    case AGENT_SET:
        return answer_got(code_of(ffa_notification_set((uint16_t)x[1], x[2], x[3])), 0, 0);
    case AGENT_GET:
        got = ffa_notification_get((uint16_t)x[1],
                                   x[2] != 0 ? (uint32_t)x[2] : FFA_NOTIFICATION_GET_ALL);
        return answer_got(code_of(got), ffa_notified_by_vms(&got) | ffa_notified_by_sps(&got),
                          got.x[6] | got.x[7] << 32);
    default: /* AGENT_FEATURE */
        got = ffa_features(x[1]);
        return answer_got(code_of(got), got.x[2], 0);
    }
}

static struct answer message_call(const uint64_t *x)
{
    struct answer answer = {{0}};

    switch (x[0]) {
    case AGENT_MAP:
        answer.x[0] = code_of(ffa_rxtx_map(tx, rx, (uint32_t)x[1]));
        break;
    case AGENT_UNMAP:
        answer.x[0] = code_of(ffa_call(FFA_RXTX_UNMAP_32));
        break;
    case AGENT_SEND:
        message_fill(tx + payload_at(), (uint32_t)x[2], (uint32_t)x[3]);
        answer.x[0] = code_of(send((uint16_t)x[1], (uint32_t)x[2]));
        break;
    case AGENT_RECEIVED:
        answer =
            (struct answer){{agent.sender | (uint64_t)agent.size << 32, agent.messages, agent.bad}};
        agent.messages = agent.bad = 0;
        break;
    default: /* AGENT_ECHO */
        agent.echoes = x[1] != 0;
    }
    return answer;
}

static struct answer diary_call(const uint64_t *x)
{
    struct answer answer = {{0}};

    switch (x[0]) {
    case AGENT_LISTEN:
        listen(x[1] != 0);
        answer.x[0] = agent.npi;
        break;
    case AGENT_RETRIEVE:
        agent.retrieves = x[1] != 0;
        break;
    case AGENT_DIARY:
        answer = (struct answer){{agent.last_wake, agent.wakes, agent.npis}};
        agent.last_wake = agent.wakes = agent.npis = 0;
        break;
    case AGENT_GOT:
        answer = answer_got(0, agent.got[x[1] % VCPUS], agent.framework[x[1] % VCPUS]);
        agent.got[x[1] % VCPUS] = agent.framework[x[1] % VCPUS] = 0;
        break;
    default: /* AGENT_START */
        answer.x[0] = (uint64_t)(int64_t)vmlib_cpu_start(1, second, 0);
    }
    return answer;
}

static struct answer agent_do(const uint64_t *x)
{
    if (x[0] <= AGENT_FEATURE) {
        return notification_call(x);
    }
    return x[0] >= AGENT_MAP ? message_call(x) : diary_call(x);
}

TEST_SERVICE(agent)
{
    struct ffa_value message = service_wait();

    memset(&agent, 0, sizeof(agent));
    agent_init();
    for (;;) {
        if (ffa_is_request(&message)) {
            struct answer answer = agent_do(&message.x[3]);

            message = service_respond(&message, answer.x[0], answer.x[1], answer.x[2]);
        } else {
            woken(&message);
            message = service_wait();
        }
    }
}
