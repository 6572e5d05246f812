"""The questionnaire as data: workbook in, form state out."""
