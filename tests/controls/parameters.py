"""The sets of parameters that every control is tried with."""

from collections.abc import Mapping

KEY = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
SECRETS_KEY = "arn:aws:kms:eu-central-1:111122223333:key/66666666-7777-8888-9999-000000000000"
BOUNDARY = "arn:aws:iam::111122223333:policy/platform/boundary"

SETS: Mapping[str, Mapping[str, str]] = {
    "defaults": {},
    "every option": {
        "Environment": "prod",
        "SecretsPrefix": "legal/prod",
        "ConfigLayerArn": "arn:aws:lambda:eu-central-1:111122223333:layer:legal-config:7",
        "PublicKeyLayerArn": "arn:aws:lambda:eu-central-1:111122223333:layer:public-keys:2",
        "BusAccounts": "444455556666,777788889999",
        "PartnerBusName": "aws.partner/salesforce.com/00D/0YL",
        "OutcomeBusName": "outcomes",
        "KmsKeyArn": KEY,
        "SecretsKmsKeyArn": SECRETS_KEY,
        "PermissionsBoundaryArn": BOUNDARY,
        "SigningProfileVersionArn": "arn:aws:signer:eu-central-1:111122223333:/signing-profiles/legal/a1b2c3",
        "GradualDeployment": "true",
        "SnapStart": "true",
        "ApiDomainName": "cancellations.example.com",
        "ApiCertificateArn": "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222",
        "ApiHostedZoneId": "Z0123456789ABCDEFGHIJ",
        "AlarmTopicArn": "arn:aws:sns:eu-central-1:111122223333:on-call",
    },
}
