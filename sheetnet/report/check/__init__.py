"""What a check found: in words, as data, as a page, and as marks in a copy of the workbook."""

from sheetnet.report.check.annotation import annotation as annotation
from sheetnet.report.check.codes import code_report as code_report
from sheetnet.report.check.codes import codes_report as codes_report
from sheetnet.report.check.data import checking_json as checking_json
from sheetnet.report.check.text import checking_report as checking_report
