"""Pages of marks: one on the class, and one for each student."""

from sheetnet.report.marks.html.classpage import class_page as class_page
from sheetnet.report.marks.html.names import CLASS_FILE as CLASS_FILE
from sheetnet.report.marks.html.names import student_file as student_file
from sheetnet.report.marks.html.pages import mark_pages as mark_pages
from sheetnet.report.marks.html.studentpage import student_page as student_page
