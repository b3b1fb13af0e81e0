// librdkafka, Kafka's client.
#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// For tests: the next answer to a kind of request takes `milliseconds`, though the request is done at once.
static inline rd_kafka_resp_err_t rec_mock_delay_answer(rd_kafka_mock_cluster_t *cluster, int32_t broker,
                                                        int16_t api_key, int milliseconds) {
    return rd_kafka_mock_broker_push_request_error_rtts(cluster, broker, api_key, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                        milliseconds);
}
