@echo off
rem Windows: double-click, or  start.cmd [--port 7861] . Makes .venv and installs the first time, then serves.
setlocal
cd /d "%~dp0"
set PYTHONUTF8=1
if not exist .venv\Scripts\youju.exe (
    py -3 -m venv .venv || (echo Python 3.11 or newer is needed: https://www.python.org/downloads/ & pause & exit /b 1)
    echo Installing, a few minutes the first time ...
    .venv\Scripts\python -m pip install --quiet --disable-pip-version-check -c constraints.txt . || (pause & exit /b 1)
)
.venv\Scripts\youju serve %*
if errorlevel 1 pause
