@echo off
rem Install without a network on Windows: double-click, or  install.cmd . Then  start.cmd  serves.
setlocal
cd /d "%~dp0"
set /p WANTED=<PYTHON
py -%WANTED% -m venv .venv || (echo Python %WANTED% is needed, as this archive was made with it. & exit /b 1)
.venv\Scripts\python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --find-links wheels -r requirements.txt || exit /b 1
(echo @echo off& echo cd /d "%%~dp0"& echo .venv\Scripts\youju serve %%*) > start.cmd
echo Installed. start.cmd serves at http://127.0.0.1:7860
