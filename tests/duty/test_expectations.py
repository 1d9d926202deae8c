"""What the doctor takes for right is what template.yaml says."""

from house.template import of_type, template
from oncall.deployment import QUEUES
from oncall.stations import ledger, queues

(TABLE,) = of_type("AWS::DynamoDB::Table").values()


def test_the_table_it_expects_is_the_templates() -> None:
    (index,) = TABLE["GlobalSecondaryIndexes"]
    assert {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]} == ledger.INDEX_KEYS
    assert TABLE["TimeToLiveSpecification"]["AttributeName"] == ledger.EXPIRY
    assert TABLE["StreamSpecification"]["StreamViewType"] == ledger.STREAM
    assert TABLE["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def test_what_it_reads_off_a_stack_is_among_the_outputs_and_parameters() -> None:
    outputs = {"ApiUrl", "BusName", "LedgerTable", *QUEUES.values()}
    assert outputs - template()["Outputs"].keys() == set()
    parameters = {"SecretsPrefix", "PrevailUrl", "ConfigLayerArn", "PublicKeyLayerArn", "PartnerBusName"}
    parameters |= {"LedgerDeletionProtection"}
    assert parameters - template()["Parameters"].keys() == set()


def test_every_queue_of_the_template_is_looked_at() -> None:
    of_receivers = {"Callbacks"}  # what waits there may wait for hours, and ends in dead letters
    assert len(QUEUES) == len(of_type("AWS::SQS::Queue").keys() - of_receivers)
    assert queues.LEFT.keys() == QUEUES.keys() - {queues.QUEUE}
