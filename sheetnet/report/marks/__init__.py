"""What was made of a class: a gradebook, notes in copies of the files, and a report in words."""

from sheetnet.report.marks.annotation import annotation as annotation
from sheetnet.report.marks.data import gradebook_json as gradebook_json
from sheetnet.report.marks.delimited import gradebook_csv as gradebook_csv
from sheetnet.report.marks.gradebook import gradebook as gradebook
from sheetnet.report.marks.text import marking_report as marking_report
from sheetnet.report.marks.verdict import fraction_text as fraction_text
from sheetnet.report.marks.verdict import short_text as short_text
from sheetnet.report.marks.verdict import verdict_text as verdict_text
