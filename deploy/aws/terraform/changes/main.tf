# Changes of Amazon API Gateway as they happen, for the federation agent, see ../../README.md. Once for each region that shall be heard.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "queue_name" {
  description = "Name of the queue; ../../changes-policy.json names the same."
  type        = string
  default     = "federation-changes"
}

variable "reader_arn" {
  description = "The identity that the agent reads the queue with; empty when a policy of its own allows it."
  type        = string
  default     = ""
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.queue_name}-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "changes" {
  name                       = var.queue_name
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 20
  visibility_timeout_seconds = 60
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 10
  })
}

resource "aws_cloudwatch_event_rule" "changes" {
  name        = var.queue_name
  description = "Changes of API Gateway, for the federation agent"

  event_pattern = jsonencode({
    source        = ["aws.apigateway"]
    "detail-type" = ["AWS API Call via CloudTrail"]
    detail        = { eventSource = ["apigateway.amazonaws.com"] }
  })
}

resource "aws_cloudwatch_event_target" "changes" {
  rule = aws_cloudwatch_event_rule.changes.name
  arn  = aws_sqs_queue.changes.arn
}

data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "OnlyTheRuleSends"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.changes.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.changes.arn]
    }
  }

  dynamic "statement" {
    for_each = var.reader_arn == "" ? [] : [var.reader_arn]

    content {
      sid       = "TheAgentReads"
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      resources = [aws_sqs_queue.changes.arn]

      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}

resource "aws_sqs_queue_policy" "changes" {
  queue_url = aws_sqs_queue.changes.id
  policy    = data.aws_iam_policy_document.queue.json
}

output "queue_url" {
  description = "What integration.providers[n].configuration.changeQueueUrl is, or targets[n].changeQueueUrl."
  value       = aws_sqs_queue.changes.url
}
