# A role for the federation agent in an account with REST APIs in Amazon API Gateway, see ../README.md.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "trusted_principal_arn" {
  description = "Who may assume the role: the identity that the agent itself has."
  type        = string
}

variable "external_id" {
  description = "A secret word between that identity and this account, the externalId of the target in the agent's configuration."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 16
    error_message = "The external id must have 16 characters or more."
  }
}

variable "role_name" {
  description = "Name of the role."
  type        = string
  default     = "federation-agent"
}

variable "reach" {
  description = "Whether the agent may also read HTTP and WebSocket APIs, custom domains and the account's throttle."
  type        = bool
  default     = false
}

data "aws_partition" "current" {}

locals {
  apigateway = "arn:${data.aws_partition.current.partition}:apigateway:*::"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.trusted_principal_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

data "aws_iam_policy_document" "agent" {
  statement {
    sid     = "Discover"
    actions = ["apigateway:GET"]
    resources = [
      "${local.apigateway}/restapis",
      "${local.apigateway}/restapis/*",
      "${local.apigateway}/restapis/*/stages/*",
      "${local.apigateway}/usageplans",
    ]
  }

  statement {
    sid     = "MakeKeys"
    actions = ["apigateway:POST"]
    resources = [
      "${local.apigateway}/apikeys",
      "${local.apigateway}/usageplans/*/keys",
    ]
  }

  statement {
    sid       = "DeleteKeys"
    actions   = ["apigateway:DELETE"]
    resources = ["${local.apigateway}/apikeys/*"]
  }

  dynamic "statement" {
    for_each = var.reach ? ["Reach"] : []
    content {
      sid     = statement.value
      actions = ["apigateway:GET"]
      resources = [
        "${local.apigateway}/apis",
        "${local.apigateway}/apis/*",
        "${local.apigateway}/domainnames",
        "${local.apigateway}/domainnames/*",
        "${local.apigateway}/account",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.reach ? ["RoutingRules"] : []
    content {
      sid     = statement.value
      actions = ["apigateway:ListRoutingRules"]
      # Their resources name the account.
      resources = ["arn:${data.aws_partition.current.partition}:apigateway:*:*:/domainnames/*"]
    }
  }
}

resource "aws_iam_role" "agent" {
  name                 = var.role_name
  description          = "Discovery of REST APIs and API keys of subscriptions, for the federation agent"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "agent" {
  name   = "federation-agent"
  role   = aws_iam_role.agent.id
  policy = data.aws_iam_policy_document.agent.json
}

output "role_arn" {
  description = "What integration.providers[n].configuration.targets[n].roleArn names."
  value       = aws_iam_role.agent.arn
}
